import { CliError } from './exit.ts';

/** Splits `K=V` options at the first `=`. @param option for the error message, e.g. `--env` */
export function keyValues(option: string, given: readonly string[]): [key: string, value: string][] {
  return given.map((text) => {
    const at = text.indexOf('=');
    // The text itself may hold something private, so only its key is repeated.
    if (at <= 0) throw new CliError('usage', `${option} takes KEY=VALUE, but one of them has no "=" after a key.`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
}
