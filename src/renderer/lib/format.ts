// Points in time are milliseconds since 1970, as everywhere in the contract.

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const number = new Intl.NumberFormat('en');
const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** "14:32", local. */
export const timeOf = (at: number): string => clock.format(at);

/** "14:32:06", local. */
export const timeWithSeconds = (at: number): string => clockSeconds.format(at);

/** ".318" */
export const millisOf = (at: number): string => `.${String(((at % 1000) + 1000) % 1000).padStart(3, '0')}`;

function daysBetween(a: number, b: number): number {
  const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round((midnight(b) - midnight(a)) / 86_400_000);
}

/** "today", "yesterday", "12 Sep", "12 Sep 2025". */
export function dayOf(at: number, now: number = Date.now()): string {
  const days = daysBetween(at, now);
  if (days === 0) return 'today';
  if (days === 1) return 'yesterday';
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? dayMonth : dayMonthYear).format(at);
}

/** "just now", "12 min ago", after an hour "14:32", on other days "yesterday at 14:32". */
export function ago(at: number, now: number = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 10) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  const day = dayOf(at, now);
  return day === 'today' ? timeOf(at) : `${day} at ${timeOf(at)}`;
}

/** Milliseconds as "0.8 ms", "184 ms", "1.84 s", "30 s", "2 min 5 s". */
export function duration(ms: number): string {
  if (ms < 10 && !Number.isInteger(ms)) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_500) return `${Math.round(ms / 1000)} s`;
  const whole = Math.round(ms / 1000);
  const minutes = Math.floor(whole / 60);
  const seconds = whole % 60;
  if (minutes >= 60) {
    const rest = minutes % 60;
    return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
  }
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
}

/** "0:42" */
export function countdown(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
}

/** Bytes as "84 B", "0.4 KB", "22.8 KB", "1.2 MB". */
export function bytes(size: number): string {
  if (size < 100) return `${size} B`;
  if (size < 1000 * 1024) return `${(size / 1024).toFixed(1)} KB`;
  if (size < 1000 * 1024 ** 2) return `${(size / 1024 ** 2).toFixed(1)} MB`;
  return `${(size / 1024 ** 3).toFixed(1)} GB`;
}

/** "48,213" */
export const count = (n: number): string => number.format(n);

/** "1 tool", "9 tools", "48,213 entries". */
export function plural(n: number, one: string, many: string = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

const words = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

/** Like plural, in words up to twelve, for sentences: "nine tools". */
export function spelled(n: number, one: string, many: string = `${one}s`): string {
  return `${words[n] ?? count(n)} ${n === 1 ? one : many}`;
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "github, linear and slack" */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** First and last digits of a long hash: "9f2c…41ab". Only for lists; details show it whole. */
export function shortHash(hash: string): string {
  return hash.length > 12 ? `${hash.slice(0, 4)}…${hash.slice(-4)}` : hash;
}
