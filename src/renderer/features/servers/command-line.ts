export type ParsedCommandLine =
  | { ok: true; argv: string[]; env: { name: string; value: string }[]; shellSigns: string[] }
  | { ok: false; problem: string };

interface Word {
  text: string;
  /** Some of it stood in quotes; `startsQuoted`: its first sign. */
  isQuoted: boolean;
  startsQuoted: boolean;
}

const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/;
const shellSign = /^(?:&&|\|\|?|;|>>?|<|&|2>&1)$|\$\(|`/;

/**
 * Splits a line as a POSIX shell would: blanks separate, quotes and backslashes keep together. Leading `NAME=value` words
 * come back as environment. Nothing is expanded, because no shell will run.
 */
export function parseCommandLine(line: string): ParsedCommandLine {
  const words: Word[] = [];
  let word: Word | undefined;
  let quote: '"' | "'" | undefined;
  const add = (text: string) => {
    word ??= { text: '', isQuoted: false, startsQuoted: false };
    word.text += text;
  };
  for (let at = 0; at < line.length; at += 1) {
    const sign = line[at] ?? '';
    if (quote) {
      if (sign === quote) quote = undefined;
      else if (sign === '\\' && quote === '"' && /["\\$`]/.test(line[at + 1] ?? '')) add(line[++at] ?? '');
      else add(sign);
    } else if (sign === '"' || sign === "'") {
      quote = sign;
      const startsQuoted = word === undefined;
      add('');
      if (word) word = { ...word, isQuoted: true, startsQuoted: word.startsQuoted || startsQuoted };
    } else if (sign === '\\' && at + 1 < line.length) {
      at += 1;
      // A backslash before a line break continues the line.
      if (line[at] !== '\n') add(line[at] ?? '');
    } else if (/\s/.test(sign)) {
      if (word) words.push(word);
      word = undefined;
    } else add(sign);
  }
  if (quote) return { ok: false, problem: `A ${quote === '"' ? 'double' : 'single'} quote is not closed.` };
  if (word) words.push(word);
  const env: { name: string; value: string }[] = [];
  while (words[0] && !words[0].startsQuoted) {
    const found = assignment.exec(words[0].text);
    if (!found) break;
    env.push({ name: found[1] ?? '', value: found[2] ?? '' });
    words.shift();
  }
  return {
    ok: true,
    argv: words.map((it) => it.text),
    env,
    shellSigns: words.filter((it) => !it.isQuoted && shellSign.test(it.text)).map((it) => it.text),
  };
}
