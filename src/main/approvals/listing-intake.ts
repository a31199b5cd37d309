import type { KnownTool } from './known-tool.ts';
import { StoredDefinition } from './known-tool.ts';
import type { ListedTool } from './listed-tools.ts';

export type ToolEvent = 'seen' | 'changed' | 'removed';

/** What one listing does to one tool. `tool` null: it is forgotten, nobody had decided about it. */
export interface IntakeStep {
  readonly before: KnownTool | undefined;
  readonly tool: KnownTool | null;
  readonly event: ToolEvent | null;
}

/**
 * Compares a listing with what is known of the server. Gives only what differs: new tools, tools with another
 * definition or place, and vanished ones. Pure.
 */
export function planIntake(
  server: string,
  known: ReadonlyMap<string, KnownTool>,
  listed: readonly ListedTool[],
  at: number,
): IntakeStep[] {
  const steps: IntakeStep[] = [];
  const names = new Set<string>();
  for (const [position, tool] of listed.entries()) {
    names.add(tool.name);
    const step = stepFor(server, known.get(tool.name), tool, position, at);
    if (step) steps.push(step);
  }
  for (const before of known.values()) {
    if (names.has(before.name) || !before.present) continue;
    const remembered = before.verdict === null ? null : { ...before, present: false };
    steps.push({ before, tool: remembered, event: remembered && 'removed' });
  }
  return steps;
}

function stepFor(
  server: string,
  before: KnownTool | undefined,
  listed: ListedTool,
  position: number,
  at: number,
): IntakeStep | null {
  const { name, ambiguous } = listed;
  if (!before) {
    const definition = StoredDefinition.listed(listed.definition, listed.textHash);
    const fresh = { server, name, definition, verdict: null, present: true, ambiguous, position, firstSeenAt: at };
    return { before, tool: { ...fresh, changedAt: null }, event: 'seen' };
  }
  const sameText = before.definition.textHash === listed.textHash;
  const definition = sameText ? before.definition : StoredDefinition.listed(listed.definition, listed.textHash);
  // Another order of keys is another text but the same definition.
  const isChanged = !sameText && definition.fingerprint !== before.definition.fingerprint;
  if (sameText && before.present && before.ambiguous === ambiguous && before.position === position) return null;
  const changedAt = isChanged ? at : before.changedAt;
  const event = isChanged ? 'changed' : before.present ? null : 'seen';
  return { before, tool: { ...before, definition, present: true, ambiguous, position, changedAt }, event };
}
