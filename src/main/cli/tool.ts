/** `gatehouse tool …` */

import type { Finding, ToolDetail, ToolDiff, ToolSummary } from '@shared/contract/index.ts';
import type { ApprovalState, Effect, FlowLabel, OfferKind } from '@shared/words.ts';
import { type AdminOptions, printResult, type WideningOptions, widen, withInstance } from './admin.ts';
import { CliError } from './exit.ts';
import { printFacts, printLine, printNote, printTable, timeOf } from './output.ts';
import { printable, printableBlock, printableJson } from './printable.ts';
import type { AdminClient } from './socket-client.ts';

const decidedSchema = async () => (await import('@shared/contract/tools.ts')).decidedSchema;
const allDecidedSchema = async () => (await import('@shared/contract/tools.ts')).allDecidedSchema;
type Decided = Awaited<ReturnType<AdminClient['tools']['approve']>>;
type AllDecided = Awaited<ReturnType<AdminClient['tools']['approveAll']>>;

/** Tools unless another kind is asked for: scripts count on the plain list. */
export async function listTools(
  options: AdminOptions & {
    readonly state?: ApprovalState;
    readonly server?: string;
    readonly kind?: OfferKind | 'all';
  },
): Promise<void> {
  const { state, server, kind = 'tool' } = options;
  await withInstance(options, async (client) => {
    const found = await client.tools.list({ state, server, ...(kind !== 'all' && { kind }) });
    printResult(options, found, (tools) =>
      printTable<ToolSummary>(
        [
          { heading: kind === 'all' ? 'ID' : kind.toUpperCase(), cell: (tool) => tool.id },
          { heading: 'STATE', cell: stateOf },
          { heading: 'EFFECT', cell: (tool) => tool.effect ?? `${tool.suggestedEffect}?` },
          { heading: 'WHAT IT SAYS', cell: (tool) => tool.description },
        ],
        tools,
        state || server || kind !== 'tool' ? 'Nothing of that kind.' : 'No tools yet. Add a server first.',
      ),
    );
  });
}

function stateOf(tool: ToolSummary): string {
  return tool.heldByServer ? `${tool.state} (server held)` : tool.state;
}

export async function showTool(id: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    printResult(options, await client.tools.get({ id: checkedId(id) }), printTool);
  });
}

function printTool(tool: ToolDetail): void {
  printFacts([
    [tool.kind === 'template' ? 'Resource template' : titled(tool.kind), tool.id],
    ['State', stateOf(tool)],
    ['Effect', tool.effect ?? `not decided; ${tool.suggestedEffect} suggested: ${tool.suggestionReason}`],
    ['Data flow', flowOf(tool)],
    ['First seen', timeOf(tool.firstSeenAt)],
    ['Decided', tool.decidedAt === null ? '-' : `${timeOf(tool.decidedAt)} by ${tool.decidedBy}`],
    ['Fingerprint', tool.fingerprint],
    ['Refused', `${tool.refusedSinceHeld} times since it was held`],
  ]);
  if (tool.findings.length > 0) {
    printLine('');
    printLine('What the scanner found:');
    for (const finding of tool.findings) printFinding(finding);
  }
  printLine('');
  printLine('What the server says (not checked by anybody):');
  printLine(printableJson(tool.definition, 2));
}

/** What was chosen; else each suggestion with what it rests on. */
function flowOf({ labels, suggestedLabels }: ToolDetail): string {
  if (labels !== null) return labels.join(', ') || 'none, as you chose';
  const suggested = suggestedLabels.map(({ label, reason }) => `${label} (${reason})`);
  return `as suggested: ${suggested.join(' ') || 'none'}`;
}

/** One finding: what, where, the text, and why it matters. */
export function printFinding({
  severity,
  rule,
  title,
  explanation,
  pointer,
  inKey,
  start,
  end,
  text,
  decoded,
}: Finding): void {
  const where = `${pointer === '' ? 'the text' : pointer}${inKey ? ' (its name)' : ''}`;
  printLine(printable(`  ${severity.padEnd(7)}  ${title}  [${rule}]  ${where}${end > 0 ? ` ${start}-${end}` : ''}`));
  if (text !== '') printLine(`           "${printable(text)}"`);
  if (decoded !== null) printLine(`           says: "${printable(decoded)}"`);
  printLine(`           ${printable(explanation)}`);
}

const titled = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

export async function showDiff(id: string, options: AdminOptions): Promise<void> {
  await withInstance(options, async (client) => {
    printResult(options, await client.tools.diff({ id: checkedId(id) }), printDiff);
  });
}

function printDiff(diff: ToolDiff): void {
  if (diff.fields.length === 0) printLine('It is as it was approved, or was never approved.');
  for (const { text } of diff.inShort) printLine(printable(text));
  for (const { path, before, after } of diff.fields) {
    printLine('');
    printLine(printable(path));
    for (const [mark, text] of [
      ['-', before],
      ['+', after],
    ] as const) {
      if (text !== null) for (const line of printableBlock(text).split('\n')) printLine(`  ${mark} ${line}`);
    }
  }
}

interface ApproveOptions extends WideningOptions {
  readonly effect?: Effect;
  /** `none` alone: the tool has no label. */
  readonly label?: readonly (FlowLabel | 'none')[];
}

/**
 * Approves the definitions as they are at this moment: one that changes while the person is asked stays held.
 */
export async function approveTools(
  ids: readonly string[],
  options: ApproveOptions & { readonly all?: boolean; readonly server?: string },
): Promise<void> {
  const { all, server, label } = options;
  if (all === true ? ids.length > 0 || server === undefined : ids.length === 0 || server !== undefined) {
    throw new CliError('usage', 'Give ids (server:tool, server#prompt:name, …), or --all with --server NAME.');
  }
  if (server !== undefined && label !== undefined) {
    throw new CliError('usage', 'Labels belong to one tool: give ids with --label.');
  }
  if (server === undefined) await approveSome(ids.map(checkedId), options);
  else await approveWaiting(server, options);
}

async function approveSome(ids: readonly string[], options: ApproveOptions): Promise<void> {
  const { effect, label } = options;
  const labels = label && { labels: label.filter((word) => word !== 'none') };
  await withInstance(options, async (client) => {
    const seen = pick(await fingerprintsOf(client), ids);
    const act = () => client.tools.approve({ ids: [...ids], effect, ...labels, fingerprints: seen });
    printDecided(options, await widen(client, options, act, decidedSchema), 'Approved');
  });
}

/** Everything of a server that waits, its instructions too. */
async function approveWaiting(server: string, options: WideningOptions & { readonly effect?: Effect }): Promise<void> {
  const { effect } = options;
  await withInstance(options, async (client) => {
    const { fingerprint, instructions, instructionsState } = await client.servers.get({ name: server });
    if (instructions !== null && instructionsState === 'pending') {
      printNote(`What ${server} tells agents, which is approved with the rest:`);
      printNote(printableBlock(instructions));
    }
    const fingerprints = await fingerprintsOf(client, server);
    const act = () => client.tools.approveAll({ server, effect, fingerprints, serverFingerprint: fingerprint });
    const decided: AllDecided = await widen(client, options, act, allDecidedSchema);
    if (decided.instructions && !options.json) printLine(`Approved the instructions of ${server}.`);
    printDecided(options, decided, 'Approved', decided.instructions);
  });
}

async function fingerprintsOf(client: AdminClient, server?: string): Promise<Record<string, string>> {
  return Object.fromEntries((await client.tools.list({ server })).map((offer) => [offer.id, offer.fingerprint]));
}

function pick(from: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));
}

export async function blockTools(ids: readonly string[], options: AdminOptions): Promise<void> {
  const wanted = ids.map(checkedId);
  await withInstance(options, async (client) => {
    printDecided(options, await client.tools.block({ ids: wanted }), 'Blocked');
  });
}

/** @param didMore something else was decided with it */
function printDecided(options: AdminOptions, decided: Decided, verb: string, didMore = false): void {
  printResult(options, decided, ({ changed }) => {
    for (const tool of changed) {
      printLine(
        `${verb} ${printable(tool.id)}${tool.kind === 'tool' && tool.effect && tool.state === 'approved' ? ` as ${tool.effect}` : ''}.`,
      );
    }
    if (changed.length === 0 && !didMore) printLine('Nothing changed.');
  });
  for (const { id, reason } of decided.skipped) printNote(`Left as it is: ${printable(id)}: ${printable(reason)}`);
  if (decided.skipped.length > 0 && decided.changed.length === 0 && !didMore) process.exitCode = 1;
}

function checkedId(id: string): string {
  if (!/^[^:]+:./s.test(id))
    throw new CliError('usage', `${JSON.stringify(id)} is no id. One looks like server:tool or server#prompt:name.`);
  return id;
}
