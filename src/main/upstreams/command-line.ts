import type { LaunchIdentity } from '@shared/contract/index.ts';

/** Characters that a POSIX shell takes as they are. */
const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/;
/** Controls, line separators, zero-width and direction-changing characters: what could hide or reorder a command. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One word of a command line, quoted for a POSIX shell when it needs it. Invisible characters become visible escapes. */
export function shellQuote(word: string): string {
  if (PLAIN_WORD.test(word)) return word;
  if (word.search(INVISIBLE) !== -1) {
    const escaped = word.replace(/[\\']/g, '\\$&').replace(INVISIBLE, escapeOf);
    return `$'${escaped}'`;
  }
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function escapeOf(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The exact command line or URL of a launch in one untruncated line; secrets stay references. */
export function commandLineOf(launch: LaunchIdentity): string {
  if (launch.kind !== 'stdio') return (launch.url ?? '').replace(INVISIBLE, escapeOf);
  return [launch.command ?? '', ...launch.args].map(shellQuote).join(' ');
}
