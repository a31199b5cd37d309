export const placeholder_index = 1;
console.log('x');
