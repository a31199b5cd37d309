/**
 * Texts that may be paths, compared with folders and file names without looking at the disk. Pure.
 *
 * What takes away (ask, deny) reads generously: case, Unicode look-alikes of ASCII, invisible characters, backslashes,
 * percent-encoding and quotes make no difference, and a folder under `~` is found wherever it stands in a path or a command
 * line, so that `../.ssh/id`, `/home/ann/.ssh` and `cat "$HOME/.ssh/id"` all touch `~/.ssh`. What gives (allow) reads strictly: one
 * absolute path, case as written. Symbolic links are not followed: a link inside an allowed folder leads where it leads.
 */
import { fitsGlob } from './text-glob.ts';

/** How a test is read: for a rule that gives, or one that takes away. */
export type Reading = 'strict' | 'generous';

/** No system has longer paths. */
const LONGEST_PATH = 4096;

export interface Home {
  /** The person's home folder, absolute. */
  readonly home: string;
}

/** True when the text names something in the folder, or the folder itself. */
export function isInside(text: string, folder: string, reading: Reading, { home }: Home): boolean {
  if (text.length > LONGEST_PATH) return false;
  if (reading === 'strict') {
    const path = strictPath(text, home);
    const root = strictPath(folder, home);
    return path !== null && root !== null && startsWithAll(path, root);
  }
  const wanted = generousSegments(folder.replace(/^~[\\/]?/, ''));
  // The whole home folder: as `~`, or by its own name.
  if (wanted.length === 0) {
    const own = generousSegments(home);
    return readingsOf(text).some((segments) => segments.includes('~') || holdsInOrder(segments, own));
  }
  return readingsOf(text).some((segments) => holdsInOrder(segments, wanted));
}

/** True when the last name in the text, or any word of a command, fits one file name. */
export function isNamed(text: string, name: string, reading: Reading): boolean {
  if (text.length > LONGEST_PATH) return false;
  if (reading === 'strict')
    return fitsGlob(name, text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1));
  const wanted = folded(name);
  return readingsOf(text).some((segments) => segments.some((segment) => fitsGlob(wanted, segment)));
}

/** The segments of one absolute, plain path; null for anything else. */
function strictPath(text: string, home: string): readonly string[] | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not be in an allowed path
  if (/[\u0000-\u001f\u007f\\%]/.test(text)) return null;
  const path = text === '~' || text.startsWith('~/') ? `${home}${text.slice(1)}` : text;
  if (!path.startsWith('/')) return null;
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  // With a symbolic link in between, `a/..` is not where it looks.
  return segments.includes('..') ? null : segments;
}

const startsWithAll = (path: readonly string[], root: readonly string[]): boolean =>
  root.length <= path.length && root.every((segment, at) => path[at] === segment);

/** As written, with `..` taken out, and percent-decoded. */
function readingsOf(text: string): readonly (readonly string[])[] {
  const readings = [generousSegments(text)];
  if (text.includes('%')) readings.push(generousSegments(decoded(text)));
  return readings.flatMap((segments) => [segments, joined(segments)]);
}

/** Percent-decoding that leaves alone what is none. Twice, since some servers decode again. */
function decoded(text: string): string {
  const once = (value: string): string =>
    value.replace(/%([0-9a-fA-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return once(once(text));
}

/** Names between slashes, spaces and what shells give a meaning to, folded. */
function generousSegments(text: string): string[] {
  return folded(text)
    .split(/[\s/\\"'`;|&<>()[\]{}=,:]+/)
    .filter((segment) => segment !== '' && segment !== '.');
}

/** Compatibility forms, case and invisible characters make no difference. */
function folded(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\p{Cf}|\p{Variation_Selector}/gu, '')
    .toLowerCase();
}

/** `a/../b` is also `b`. */
function joined(segments: readonly string[]): string[] {
  const path: string[] = [];
  for (const segment of segments) {
    if (segment === '..') path.pop();
    else path.push(segment);
  }
  return path;
}

function holdsInOrder(segments: readonly string[], wanted: readonly string[]): boolean {
  for (let at = 0; at + wanted.length <= segments.length; at++) {
    if (wanted.every((segment, step) => segments[at + step] === segment)) return true;
  }
  return false;
}
