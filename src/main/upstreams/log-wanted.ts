/** RFC 5424 as MCP uses it, least severe first. */
export const LOG_LEVELS: readonly unknown[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

/**
 * True when a log message of a level is for somebody who wants that much.
 * @param wanted the least severe level wanted; null: none; undefined: all, as for a level nobody knows
 */
export function isWanted(level: unknown, wanted: string | null | undefined): boolean {
  if (wanted === null) return false;
  const rank = LOG_LEVELS.indexOf(level);
  return rank === -1 || rank >= LOG_LEVELS.indexOf(wanted);
}
