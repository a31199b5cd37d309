/** Checksums that tokens and numbers carry in themselves. Pure. */
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * GitHub's and npm's tokens: the last six characters are the CRC-32 of those after the prefix, in base 62.
 * Source: GitHub's blog, "Behind GitHub's new authentication token formats" (2021) and "npm's new access token format".
 */
export function hasBase62Crc32(token: string): boolean {
  const body = token.slice(token.indexOf('_') + 1);
  return base62Of(crc32(body.slice(0, -6))) === body.slice(-6);
}

/** Six digits in base 62. */
export function base62Of(value: number): string {
  let text = '';
  for (let rest = value; text.length < 6; rest = Math.floor(rest / 62)) text = (BASE62[rest % 62] ?? '') + text;
  return text;
}

/** The check digit of card numbers (ISO/IEC 7812-1). Blanks and dashes are left out. */
export function hasLuhn(number: string): boolean {
  const digits = number.replace(/[ -]/g, '');
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    const doubled = at % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Length of an account number by country (SWIFT, IBAN registry). */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  ...{ AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BR: 29, BY: 28, CH: 21, CR: 22, CY: 28 },
  ...{ CZ: 24, DE: 22, DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FO: 18, FR: 27, GB: 22, GE: 22, GI: 23, GL: 18 },
  ...{ GR: 27, GT: 28, HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30, KZ: 20, LB: 28, LC: 32 },
  ...{ LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MR: 27, MT: 31, MU: 30, NL: 18, NO: 15 },
  ...{ PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22, SA: 24, SC: 31, SD: 18, SE: 24, SI: 19, SK: 24, SM: 27 },
  ...{ ST: 25, SV: 28, TL: 23, TN: 24, TR: 26, UA: 29, VA: 22, VG: 24, XK: 20 },
};

/** Country, length and the two check digits (ISO 13616, mod 97). Blanks are left out. */
export function isIban(number: string): boolean {
  const text = number.replaceAll(' ', '');
  if (IBAN_LENGTHS[text.slice(0, 2)] !== text.length) return false;
  let rest = 0;
  for (const character of text.slice(4) + text.slice(0, 4)) {
    for (const digit of String(Number.parseInt(character, 36))) rest = (rest * 10 + Number(digit)) % 97;
  }
  return rest === 1;
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** The checksum of Bech32 (BIP 173), which age's keys carry. */
export function hasBech32(text: string): boolean {
  const lower = text.toLowerCase();
  const separator = lower.lastIndexOf('1');
  const prefix = lower.slice(0, separator);
  const values = [...lower.slice(separator + 1)].map((character) => BECH32.indexOf(character));
  if (separator < 1 || values.length < 6 || values.includes(-1)) return false;
  return bech32Remainder([...expanded(prefix), ...values]) === 1;
}

/** The six characters that make the text whole. */
export function bech32Checksum(prefix: string, data: string): string {
  const values = [...data].map((character) => BECH32.indexOf(character));
  const remainder = bech32Remainder([...expanded(prefix), ...values, 0, 0, 0, 0, 0, 0]) ^ 1;
  return [5, 4, 3, 2, 1, 0].map((place) => BECH32[(remainder >>> (5 * place)) & 31]).join('');
}

const expanded = (prefix: string): number[] => {
  const units = [...prefix].map((character) => character.charCodeAt(0));
  return [...units.map((unit) => unit >> 5), 0, ...units.map((unit) => unit & 31)];
};

function bech32Remainder(values: readonly number[]): number {
  let remainder = 1;
  for (const value of values) {
    const top = remainder >>> 25;
    remainder = ((remainder & 0x1ffffff) << 5) ^ value;
    for (const [bit, factor] of GENERATOR.entries()) if ((top >>> bit) & 1) remainder ^= factor;
  }
  return remainder >>> 0;
}
