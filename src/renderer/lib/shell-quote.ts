/** One argument as a person would type it in a POSIX shell; unchanged when it needs no quotes. */
export function shellQuote(argument: string): string {
  if (argument !== '' && /^[\w@%+=:,./~^-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
