import { ORPCError } from '@orpc/server';
import { hidesText } from '@shared/suspicious-characters.ts';
import type { Actor, Effect } from '@shared/words.ts';
import { ApprovalError, type Approvals, type DecisionResult, type ServerRecord } from '../approvals/index.ts';
import { scanInstructions } from '../scanner/index.ts';

type Skipped = DecisionResult['skipped'];

const notLookedAt = 'It was not among what you looked at.';
const hidden = 'It holds characters that cannot be seen. Open it, then approve it by itself.';
const serious = 'The scanner found something serious in it. Read what it found, then approve it by itself.';

export interface WaitingInput {
  readonly server: string;
  /** For its tools; everything else is only read. */
  readonly effect?: Effect | undefined;
  readonly fingerprints?: Readonly<Record<string, string>> | undefined;
  readonly serverFingerprint?: string | undefined;
}

/**
 * Approves everything of an approved server that waits: tools, prompts, resources, templates, and its instructions. Whoever
 * says what was looked at approves nothing else, and nobody has seen what cannot be seen.
 */
export function approveWaiting(
  approvals: Approvals,
  actor: Actor,
  { server, effect, fingerprints, serverFingerprint }: WaitingInput,
): DecisionResult & { instructions: boolean } {
  const record = approvals.server(server);
  if (!record) {
    throw new ORPCError('NOT_FOUND', {
      message: `There is no server named ${server}. "gatehouse server list" shows all.`,
    });
  }
  if (record.state !== 'approved') {
    throw new ORPCError('REFUSED', {
      message: `What ${server} runs is held. Look at it and approve it first: "gatehouse server approve ${server}".`,
    });
  }
  const looked = fingerprints === undefined ? record.fingerprint : serverFingerprint;
  const instructions = approveInstructions(approvals, actor, record, looked);
  const ids: { tools: string[]; others: string[] } = { tools: [], others: [] };
  const skipped: Skipped = [];
  for (const { id, kind, state, hidesText: hides, findingCounts } of approvals.summaries({ server })) {
    if (state !== 'pending' && state !== 'changed') continue;
    if (fingerprints && !Object.hasOwn(fingerprints, id)) skipped.push({ id, reason: notLookedAt });
    else if (hides) skipped.push({ id, reason: hidden });
    else if (findingCounts.serious > 0) skipped.push({ id, reason: serious });
    else ids[kind === 'tool' ? 'tools' : 'others'].push(id);
  }
  const options = fingerprints ? { fingerprints } : {};
  const tools = approvals.approve(ids.tools, actor, { ...options, ...(effect && { effect }) });
  const others = approvals.approve(ids.others, actor, options);
  return {
    changed: [...tools.changed, ...others.changed],
    skipped: [...tools.skipped, ...others.skipped, ...skipped, ...instructions.skipped],
    instructions: instructions.approved,
  };
}

function approveInstructions(
  approvals: Approvals,
  actor: Actor,
  { name, instructions, instructionsState, fingerprint }: ServerRecord,
  looked: string | undefined,
): { approved: boolean; skipped: Skipped } {
  if (instructionsState !== 'pending') return { approved: false, skipped: [] };
  const id = `${name} (instructions)`;
  if (looked === undefined) return { approved: false, skipped: [{ id, reason: notLookedAt }] };
  if (hidesText(instructions)) {
    const reason = `They hold characters that cannot be seen. Open them, then approve what ${name} runs and says.`;
    return { approved: false, skipped: [{ id, reason }] };
  }
  const isSerious = scanInstructions(instructions ?? '').findings.some(({ severity }) => severity === 'serious');
  // What changed since it was looked at is refused below, with that reason.
  if (isSerious && looked === fingerprint) {
    const reason = `The scanner found something serious in them. Read them, then approve what ${name} runs and says.`;
    return { approved: false, skipped: [{ id, reason }] };
  }
  try {
    approvals.approveServer(name, actor, looked);
    return { approved: true, skipped: [] };
  } catch (error) {
    if (!(error instanceof ApprovalError)) throw error;
    return { approved: false, skipped: [{ id, reason: error.message }] };
  }
}
