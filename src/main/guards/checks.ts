/** What a match of a rule has to pass besides its pattern. Pure; each looks at a bounded text. */
import { hasBase62Crc32, hasBech32, hasLuhn, isIban } from './checksums.ts';
import { entropyOf, isIdOrHash, isPlaceholder, kindsOfCharacter } from './randomness.ts';
import type { CheckName } from './rule-file.ts';

/** A match: the secret, everything the pattern took, and up to 24 characters before it. */
export interface Match {
  readonly secret: string;
  readonly whole: string;
  readonly before: string;
}

export const CHECKS: Readonly<Record<CheckName, (match: Match) => boolean>> = {
  announced: isAnnounced,
  'base62-crc32': ({ secret }) => hasBase62Crc32(secret),
  basic: ({ secret }) => isBasicAuth(secret),
  bech32: ({ secret }) => hasBech32(secret),
  connection: isConnection,
  discord: ({ secret }) => /^[0-9]{15,20}$/.test(decoded(secret.split('.')[0] ?? '')),
  iban: ({ secret }) => isIban(secret),
  jwt: ({ secret }) => isJwt(secret),
  luhn: ({ secret }) => hasLuhn(secret) && new Set(secret.replace(/[ -]/g, '')).size > 3,
  password: ({ secret }) => isPassword(secret),
  pem: ({ whole }) => isPem(whole),
  random: ({ secret }) => isRandom(secret),
};

const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1');

const isRandom = (secret: string): boolean => entropyOf(secret) >= 3 && /[0-9]/.test(secret) && !isIdOrHash(secret);

/** Words of names whose value is a place in a list, a count, a kind, an address: `next_page_token`, `token_url`. */
const HARMLESS_BEFORE =
  /(?:next|prev|previous|page|pagination|continuation|cursor|sync|resume|progress|cancel\w*|max|min|csrf_?cookie|design|public|stop|start|eos|bos|pad)[_-]?$/i;
const HARMLESS_AFTER =
  /^(?:\w*s\b|[_-]?(?:count|type|url|uri|endpoint|name|id|limit|length|size|path|file|ref|ring|izer|ization)\b)/i;

/** A value whose name says that it is secret: drawn at random, no id, no hash, no place in a list, no code. */
function isAnnounced({ secret, whole, before }: Match): boolean {
  const name = /^(?:secret|token|credential|[a-z]+[_-]?key)/i.exec(whole)?.[0] ?? '';
  const rest = whole.slice(name.length, whole.length - secret.length);
  if (HARMLESS_BEFORE.test(before) || HARMLESS_AFTER.test(rest)) return false;
  return isRandom(secret) && kindsOfCharacter(secret.replace(/[._/-]/g, '')) >= 2 && !isName(secret);
}

/** `settings.auth.token_2`, `src/auth/token-service2.test.ts`, `alias/aws/s3-key-1`: words in lower case with something between. */
const isName = (text: string): boolean =>
  /^[a-z_.]+$|^\/|\.\w{2,4}$/.test(text) || /^[a-z][a-z0-9]*(?:[._/-][a-z0-9]+){2,}$/.test(text);

/** What manuals and examples use. */
const WELL_KNOWN = new Set(
  'password passwd postgres postgresql mysql root admin guest secret test testing user username pass pwd mongo redis rabbitmq default letmein hunter2 token apikey'.split(
    ' ',
  ),
);

function isPassword(secret: string): boolean {
  // A name of a variable, a path, a word: `password: DB_PASSWORD`, `settings.password`.
  if (isPlaceholder(secret) || WELL_KNOWN.has(secret.toLowerCase()) || /^[A-Z_]+$|^[a-z_.-]+$|^[./~]/.test(secret))
    return false;
  return (
    kindsOfCharacter(secret) >= 2 &&
    /[0-9]|[^A-Za-z0-9._ -]/.test(secret) &&
    !/\s.*\s/.test(secret) &&
    !isIdOrHash(secret)
  );
}

/** `scheme://user:password@host`. The same word twice is what everybody's development database has. */
function isConnection({ secret, whole }: Match): boolean {
  const user = /:\/\/([^:]*):/.exec(whole)?.[1] ?? '';
  const password = secret.toLowerCase();
  return (
    !isPlaceholder(secret) && password !== user.toLowerCase() && !WELL_KNOWN.has(password) && !/^[A-Z_]+$/.test(secret)
  );
}

function isBasicAuth(secret: string): boolean {
  const text = decoded(secret);
  const colon = text.indexOf(':');
  if (colon < 0 || !/^[\x20-\x7e]{4,}$/.test(text)) return false;
  const password = text.slice(colon + 1);
  return password.length >= 4 && !isPlaceholder(password) && !WELL_KNOWN.has(password.toLowerCase());
}

function isJwt(token: string): boolean {
  const [header = '', payload = ''] = token.split('.');
  const head = objectIn(header);
  return head !== null && typeof head.alg === 'string' && objectIn(payload) !== null;
}

function objectIn(base64: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

/** The body holds key material, not only an ellipsis. */
function isPem(whole: string): boolean {
  const body = whole.replace(/-----[^-]*-----/g, '').replace(/^[\w-]+: .*$/gm, '');
  const material = body.replace(/\\[nr]|[^A-Za-z0-9+/=]/g, '').slice(0, 400);
  return material.length >= 40 && entropyOf(material) >= 3.2 && !/x{6}|X{6}/.test(material);
}
