import type { ToolDefinition } from '@shared/contract/index.ts';

export interface Claim {
  name: string;
  /** Undefined: the side does not exist (nothing was approved yet). */
  approved: string | undefined;
  now: string;
  means: string;
}

const known: Record<string, { yes: string; no: string }> = {
  readOnlyHint: { yes: 'It changes nothing', no: 'It may change something' },
  destructiveHint: { yes: 'It may delete or overwrite', no: 'It only adds' },
  idempotentHint: { yes: 'Twice is the same as once', no: 'Each call counts' },
  openWorldHint: { yes: 'It reaches outside', no: 'It stays in a closed system' },
};

const shown = (value: unknown): string =>
  value === undefined ? 'not set' : typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not set');

/** What a server says about its tool in annotations; always the four known ones, then its own. */
export function claimsOf(now: ToolDefinition, approved: ToolDefinition | null): Claim[] {
  const names = new Set([
    ...Object.keys(known),
    ...Object.keys(approved?.annotations ?? {}),
    ...Object.keys(now.annotations ?? {}),
  ]);
  return [...names].map((name) => {
    const value: unknown = now.annotations?.[name];
    const words = known[name];
    return {
      name,
      approved: approved ? shown(approved.annotations?.[name]) : undefined,
      now: shown(value),
      means: words && typeof value === 'boolean' ? (value ? words.yes : words.no) : '',
    };
  });
}
