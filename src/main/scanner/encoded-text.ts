/** Text in another encoding: base64, hexadecimal, percent signs, escapes, character references. */
import type { Finding } from '@shared/contract/findings.ts';
import { findingAt, type Span } from './finding.ts';
import { checkRule } from './rule-data.ts';
import { type ScanMode, textRuleFindings } from './text-rules.ts';
import type { ScannedText } from './texts-of.ts';

/** Encoded pieces of one text that are looked into, and UTF-16 units of each. */
const MOST_PIECES = 40;
const LONGEST_PIECE = 32_768;

interface Encoding {
  /** What a text must have for it; looked for first because it is quick. */
  readonly sign: string | null;
  /** Takes linear time: it never gives back what it took. */
  readonly pattern: RegExp;
  decode(piece: string): string | null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOfBytes(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

const encodings: readonly Encoding[] = [
  {
    sign: null,
    pattern: /[A-Za-z0-9+/_-]{24,}={0,2}/g,
    decode: (piece) => {
      // Most long words are no base64; their first bytes show it.
      const head = Buffer.from(piece.slice(0, 24), 'base64');
      if (
        !head.every((byte) => byte >= 0x80 || byte === 9 || byte === 10 || byte === 13 || (byte >= 0x20 && byte < 0x7f))
      )
        return null;
      return textOfBytes(Buffer.from(piece, 'base64'));
    },
  },
  {
    sign: null,
    pattern: /(?:[0-9a-fA-F]{2}){16,}/g,
    decode: (piece) => textOfBytes(Buffer.from(piece, 'hex')),
  },
  {
    sign: null,
    pattern: /(?:[0-9a-fA-F]{2}[ :]){12,}[0-9a-fA-F]{2}/g,
    decode: (piece) => textOfBytes(Buffer.from(piece.replaceAll(/[ :]/g, ''), 'hex')),
  },
  {
    sign: '\\x',
    pattern: /(?:\\x[0-9a-fA-F]{2}){8,}/g,
    decode: (piece) => textOfBytes(Buffer.from(piece.replaceAll('\\x', ''), 'hex')),
  },
  {
    sign: '\\u',
    pattern: /(?:\\u[0-9a-fA-F]{4}){8,}/g,
    decode: (piece) =>
      piece.replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  },
  {
    sign: '&#',
    pattern: /(?:&#(?:x[0-9a-fA-F]{2,5}|\d{2,6});){8,}/g,
    decode: (piece) =>
      piece.replaceAll(/&#(?:x([0-9a-fA-F]+)|(\d+));/g, (_, hex?: string, number?: string) => {
        const code = hex === undefined ? Number(number) : Number.parseInt(hex, 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : '';
      }),
  },
  {
    sign: '%',
    pattern: /[A-Za-z0-9.~_!'()*%+-]{16,}/g,
    decode: (piece) => {
      // A few escapes are ordinary in an address; a text of them is not.
      if (piece.split('%').length - 1 < 3) return null;
      try {
        return decodeURIComponent(piece.replaceAll('+', ' '));
      } catch {
        return null;
      }
    },
  },
];

export function encodedFindings(text: ScannedText, mode: ScanMode): Finding[] {
  const found: Finding[] = [];
  for (const { sign, pattern, decode } of encodings) {
    if (sign !== null && !text.text.includes(sign)) continue;
    let pieces = 0;
    for (const match of text.text.matchAll(pattern)) {
      pieces += 1;
      if (pieces > MOST_PIECES) break;
      const span = { start: match.index, end: match.index + match[0].length };
      if (isPicture(text.text, span) || found.some((other) => other.start < span.end && span.start < other.end))
        continue;
      const decoded = decode(match[0].slice(0, LONGEST_PIECE));
      if (decoded === null || !isReadable(decoded)) continue;
      const finding = judged(text, span, decoded, mode);
      if (finding) found.push(finding);
    }
  }
  return found;
}

/** Icons are given as `data:image/…;base64,…`. */
const isPicture = (text: string, { start }: Span): boolean =>
  /data:(?:image|font|audio|video)\/[\w.+-]{1,30};base64,$/i.test(text.slice(Math.max(0, start - 60), start));

function isReadable(text: string): boolean {
  if (text.length < 8) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text has no control characters, decoded noise does
  if (/[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]/.test(text)) return false;
  const ascii = text.match(/[\x20-\x7e\s]/g)?.length ?? 0;
  return ascii >= text.length * 0.8;
}

function judged(text: ScannedText, span: Span, decoded: string, mode: ScanMode): Finding | null {
  const as = (id: string): Finding | null => {
    const rule = checkRule(id);
    const severity = mode === 'result' ? rule.live : rule.severity;
    return severity === undefined ? null : findingAt(rule, text, span, { severity, decoded });
  };
  const inner = textRuleFindings({ ...text, text: decoded, place: mode === 'result' ? 'result' : 'text' }, mode);
  if (inner.some(({ severity }) => severity === 'serious')) return as('encoded.instruction');
  if (text.place === 'uri') return null;
  // The head of a token or a small document is no message; what it says was looked at above.
  if (/^\s?[{[<]/.test(decoded)) return null;
  if (/\bhttps?:\/\/[\w.-]{4,}|\b(?:curl|wget|bash|powershell)\s[-/h]/i.test(decoded)) return as('encoded.address');
  const words = decoded.match(/\b[A-Za-z]{2,}\b/g)?.length ?? 0;
  return words >= 3 && /[A-Za-z]\s[A-Za-z]/.test(decoded) ? as('encoded.text') : null;
}
