/** What the program's arguments ask for. They come from the person, the session, a link or a second start. */
import { resolve } from 'node:path';
import { linkScheme, routeForLink } from './deep-links.ts';

/** Keeps the window closed; the session's autostart sets it. */
export const hiddenFlag = '--hidden';

/** The route a `gatehouse://` link among the arguments leads to; undefined without a link we know. */
export function routeIn(argv: readonly string[]): string | undefined {
  const link = argv.find((argument) => argument.startsWith(`${linkScheme}://`));
  return link === undefined ? undefined : routeForLink(link);
}

/** The absolute path that `--data-dir` names, in both spellings; undefined without it. Throws when it has no value. */
export function dataDirIn(argv: readonly string[]): string | undefined {
  const flag = '--data-dir';
  const at = argv.findIndex((argument) => argument === flag || argument.startsWith(`${flag}=`));
  const found = argv[at];
  if (found === undefined) return undefined;
  const value = found === flag ? argv[at + 1] : found.slice(flag.length + 1);
  if (!value || value.startsWith('--')) throw new Error(`${flag} needs a folder, as in ${flag} /path/to/folder.`);
  return resolve(value);
}
