/** `gatehouse tool …` */
import type { ToolDetail, ToolDiff, ToolSummary } from '@shared/contract/index.ts';
import type { ApprovalState, Effect } from '@shared/words.ts';
import { type AdminOptions, printResult, type WideningOptions, widen, withInstance } from './admin.ts';
import { CliError } from './exit.ts';
import { printFacts, printLine, printNote, printTable, timeOf } from './output.ts';
import { printable, printableBlock, printableJson } from './printable.ts';
import type { AdminClient } from './socket-client.ts';

const decidedSchema = async () => (await import('@shared/contract/tools.ts')).decidedSchema;
type Decided = Awaited<ReturnType<AdminClient['tools']['approve']>>;

export async function listTools(
  options: AdminOptions & { readonly state?: ApprovalState; readonly server?: string },
): Promise<void> {
  const { state, server } = options;
  await withInstance(options, async (client) => {
    printResult(options, await client.tools.list({ state, server }), (tools) =>
      printTable<ToolSummary>(
        [
          { heading: 'TOOL', cell: (tool) => tool.id },
          { heading: 'STATE', cell: stateOf },
          { heading: 'EFFECT', cell: (tool) => tool.effect ?? `${tool.suggestedEffect}?` },
          { heading: 'WHAT IT SAYS', cell: (tool) => tool.description },
        ],
        tools,
        state || server ? 'No such tools.' : 'No tools yet. Add a server first.',
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
    ['Tool', tool.id],
    ['State', stateOf(tool)],
    ['Effect', tool.effect ?? `not decided; ${tool.suggestedEffect} suggested: ${tool.suggestionReason}`],
    ['First seen', timeOf(tool.firstSeenAt)],
    ['Decided', tool.decidedAt === null ? '-' : `${timeOf(tool.decidedAt)} by ${tool.decidedBy}`],
    ['Fingerprint', tool.fingerprint],
    ['Refused', `${tool.refusedSinceHeld} times since it was held`],
  ]);
  printLine('');
  printLine('What the server says (not checked by anybody):');
  printLine(printableJson(tool.definition, 2));
}

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

/**
 * Approves the definitions as they are at this moment: one that changes while the person is asked stays held.
 */
export async function approveTools(
  ids: readonly string[],
  options: WideningOptions & { readonly all?: boolean; readonly server?: string; readonly effect?: Effect },
): Promise<void> {
  const { all, server, effect } = options;
  if (all === true ? ids.length > 0 || server === undefined : ids.length === 0 || server !== undefined) {
    throw new CliError('usage', 'Give tool ids (server:tool), or --all with --server NAME.');
  }
  const wanted = ids.map(checkedId);
  await withInstance(options, async (client) => {
    const fingerprints = Object.fromEntries(
      (await client.tools.list({ server })).map((tool) => [tool.id, tool.fingerprint]),
    );
    const decided = await widen(
      client,
      options,
      () =>
        server === undefined
          ? client.tools.approve({ ids: wanted, effect, fingerprints: pick(fingerprints, wanted) })
          : client.tools.approveAll({ server, effect, fingerprints }),
      decidedSchema,
    );
    printDecided(options, decided, 'Approved');
  });
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

function printDecided(options: AdminOptions, decided: Decided, verb: string): void {
  printResult(options, decided, ({ changed }) => {
    for (const tool of changed) {
      printLine(
        `${verb} ${printable(tool.id)}${tool.effect && tool.state === 'approved' ? ` as ${tool.effect}` : ''}.`,
      );
    }
    if (changed.length === 0) printLine('Nothing changed.');
  });
  for (const { id, reason } of decided.skipped) printNote(`Left as it is: ${printable(id)}: ${printable(reason)}`);
  if (decided.skipped.length > 0 && decided.changed.length === 0) process.exitCode = 1;
}

function checkedId(id: string): string {
  if (!/^[^:]+:./s.test(id))
    throw new CliError('usage', `${JSON.stringify(id)} is no tool id. One looks like server:tool.`);
  return id;
}
