export const placeholder_cli = 1;
console.log('x');
