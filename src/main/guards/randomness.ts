/** Tells what somebody drew at random from what somebody wrote. Pure. */

/** As much of a text is counted. */
const COUNTED = 128;
const ASCII = 128;
const counts = new Uint8Array(ASCII + 1);

/** Shannon entropy of the first 128 characters, in bits a character; everything beyond ASCII counts as one character. */
export function entropyOf(text: string): number {
  const length = Math.min(text.length, COUNTED);
  counts.fill(0);
  for (let at = 0; at < length; at += 1) {
    const unit = Math.min(text.charCodeAt(at), ASCII);
    counts[unit] = (counts[unit] ?? 0) + 1;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / length) * Math.log2(count / length);
  return bits;
}

const PLACEHOLDER_WORDS = [
  'example',
  'sample',
  'placeholder',
  'changeme',
  'change_me',
  'change-me',
  'your_',
  'your-',
  'yourkey',
  'yourtoken',
  'yourpass',
  'my_secret',
  'my-secret',
  'insert',
  'redacted',
  'dummy',
  'xxxx',
  'abcdefg',
  '12345678',
  '87654321',
  '0000000',
];
/** A template, a variable, a format, an ellipsis, stars: what stands where a value will be. */
const TEMPLATE = /[<>{}…•]|\$[({A-Za-z_]|%[sd]|\*{3}|\.{3}|process\.env|os\.environ|getenv|import\.meta/i;
/** A mark of Gatehouse's own where a secret was taken out. */
const OWN_MARK = '[secret ';

/** Something that stands for a secret: `YOUR_API_KEY`, `xxxx`, `${TOKEN}`, `AKIAIOSFODNN7EXAMPLE`, one character repeated. */
export function isPlaceholder(value: string): boolean {
  const start = value.slice(0, 400);
  const lower = start.toLowerCase();
  return (
    PLACEHOLDER_WORDS.some((word) => lower.includes(word)) ||
    TEMPLATE.test(start) ||
    start.includes(OWN_MARK) ||
    (start.length >= 16 && new Set(start).size <= 4)
  );
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The lengths of MD5, SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512 in hex. */
const HASH = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i;

/** An id or a fingerprint, which is public by its nature. */
export const isIdOrHash = (value: string): boolean =>
  UUID.test(value) || HASH.test(value) || /^sha(?:1|256|384|512)[-:=]/i.test(value);

/** How many of lower case, upper case, digits and other characters the text has. */
export function kindsOfCharacter(text: string): number {
  return [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(text)).length;
}
