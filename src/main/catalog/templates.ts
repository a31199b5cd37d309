/** `{key}` in a catalog entry's arguments, variables, headers and address. Pure. */

const hole = /\{([A-Za-z][A-Za-z0-9_]*)\}/g;
const onlyHole = /^\{([A-Za-z][A-Za-z0-9_]*)\}$/;

/** What knows which keys are inputs; braces around anything else are plain text. */
interface Keys {
  has(key: string): boolean;
}

/** The inputs a template stands for, in order, each once. */
export function holesIn(template: string, keys: Keys): string[] {
  return [...new Set(Array.from(template.matchAll(hole), ([, key = '']) => key))].filter((key) => keys.has(key));
}

/** The input's key when the template is nothing but its hole. */
export function wholeHoleOf(template: string, keys: Keys): string | undefined {
  const key = onlyHole.exec(template)?.[1];
  return key !== undefined && keys.has(key) ? key : undefined;
}

/** Fills holes in one pass: a value that looks like a hole stays as it is. */
export function fill(template: string, keys: Keys, textOf: (key: string) => string): string {
  return template.replace(hole, (whole, key: string) => (keys.has(key) ? textOf(key) : whole));
}
