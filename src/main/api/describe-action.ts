import { createHash } from 'node:crypto';
import { ORPCError } from '@orpc/server';
import { addServerInputSchema, type ToolSummary } from '@shared/contract/index.ts';
import { type Effect, effectSchema } from '@shared/words.ts';
import { z } from 'zod';
import { commandLineOf } from '../upstreams/index.ts';
import { type Fact, launchFacts } from './launch-facts.ts';
import type { Services } from './services.ts';

export interface ActionDescription {
  readonly summary: string;
  readonly facts: readonly Fact[];
}

/**
 * Says in one sentence what a widening action would do at this moment, with the exact facts to look at. Secret values in
 * the input are never part of it. What the action depends on is (a tool's fingerprint, what a server runs), so that two
 * equal descriptions mean one and the same act.
 * @param action dotted procedure path, e.g. `servers.add`
 */
export type DescribeAction = (action: string, input: unknown) => ActionDescription;

type Known = Pick<
  Services,
  'approvals' | 'apps' | 'catalog' | 'configs' | 'endpoint' | 'gate' | 'profiles' | 'settings'
>;

const named = z.object({ name: z.string() });
const switched = z.object({ name: z.string(), disabled: z.boolean() });
const chosen = z.object({ ids: z.array(z.string()), effect: effectSchema.optional() });
const ofServer = z.object({ server: z.string(), effect: effectSchema.optional() });
const token = z.object({ name: z.string(), profile: z.string().optional() });
const entry = z.object({
  id: z.string(),
  name: z.string().optional(),
  inputs: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});
const paused = z.object({ app: z.string().optional() }).optional();
const changes = z.record(z.string(), z.unknown());
const port = z.object({ port: z.number() });

/** Tools that are listed one by one; the rest is counted, and their fingerprints count all the same. */
const MOST_TOOLS = 100;

export function actionsOf(known: Known): DescribeAction {
  return (action, input) => {
    switch (action) {
      case 'servers.add': {
        const { name, config, secrets = {} } = addServerInputSchema.parse(input);
        return {
          summary: `The command line wants to add the server ${name} and run it.`,
          facts: [...launchFacts(name, config, known.configs.all()), ...storedSecrets(Object.keys(secrets))],
        };
      }
      case 'catalog.add': {
        const { id, name: wanted, inputs } = entry.parse(input);
        const { name, config, secrets } = resolved(known, id, inputs, wanted);
        return {
          summary: `The command line wants to add ${id} from the catalog as the server ${name} and run it.`,
          facts: [...launchFacts(name, config, known.configs.all()), ...storedSecrets(Object.keys(secrets))],
        };
      }
      case 'servers.approve': {
        const { name } = named.parse(input);
        return { summary: `The command line wants to approve what ${name} runs.`, facts: serverFacts(known, name) };
      }
      case 'servers.setDisabled': {
        const { name, disabled } = switched.parse(input);
        return {
          summary: `The command line wants to switch ${name} ${disabled ? 'off' : 'on'}.`,
          facts: serverFacts(known, name),
        };
      }
      case 'tools.approve': {
        const { ids, effect } = chosen.parse(input);
        const unique = [...new Set(ids)];
        return {
          summary: `The command line wants to approve ${countOf(unique.length)}.`,
          facts: toolFacts(known, unique, effect),
        };
      }
      case 'tools.approveAll': {
        const { server, effect } = ofServer.parse(input);
        const held = known.approvals
          .summaries({ server })
          .filter((tool) => (tool.state === 'pending' || tool.state === 'changed') && !tool.hidesText);
        return {
          summary: `The command line wants to approve ${countOf(held.length)} of ${server}: everything it holds.`,
          facts: toolFacts(
            known,
            held.map((tool) => tool.id),
            effect,
          ),
        };
      }
      case 'apps.issueToken': {
        const { name, profile } = token.parse(input);
        const app = known.apps.list().find((candidate) => candidate.name === name);
        return {
          summary: `The command line wants a token for the AI app ${name}.`,
          facts: [
            { label: 'Profile', value: profileText(known, profile ?? app?.profile ?? 'default') },
            {
              label: 'Token in use now',
              value: app && app.revokedAt === null ? `…${app.tokenHint}, which ends` : 'none',
            },
          ],
        };
      }
      case 'gate.resume': {
        const app = paused.parse(input)?.app;
        const { paused: isPaused, since, by, apps } = known.gate.state();
        const own = app === undefined ? undefined : apps[app];
        const pause = app === undefined ? (isPaused ? { since, by } : undefined) : own;
        return {
          summary: `The command line wants to open the gate${app === undefined ? '' : ` for ${app}`}.`,
          facts: [{ label: 'Paused', value: pause ? `by the ${pause.by}, since ${timeOf(pause.since)}` : 'no' }],
        };
      }
      case 'settings.set': {
        const now: Readonly<Record<string, unknown>> = known.settings.get();
        return {
          summary: 'The command line wants to change settings.',
          facts: Object.entries(changes.parse(input)).map(([field, value]) => ({
            label: field,
            value: `${JSON.stringify(value)} instead of ${JSON.stringify(now[field])}`,
          })),
        };
      }
      case 'system.movePort':
        return {
          summary: `The command line wants to listen on port ${port.parse(input).port}.`,
          facts: [{ label: 'Listens on now', value: known.endpoint() ?? 'nothing' }],
        };
      case 'system.consoleLogin':
        return {
          summary: 'The command line wants a console address that signs in.',
          facts: [{ label: 'Careful', value: 'Whoever opens it first can do everything you can do here.' }],
        };
      default:
        // A widening procedure nobody described must not be agreed to unseen.
        throw new ORPCError('REFUSED', { message: `${action} can only be done in the window or the console.` });
    }
  };
}

const countOf = (tools: number): string => (tools === 1 ? 'one tool' : `${tools} tools`);
const timeOf = (at: number | null): string => (at === null ? 'an unknown time' : new Date(at).toISOString());

function storedSecrets(names: readonly string[]): Fact[] {
  return names.length === 0 ? [] : [{ label: 'Secrets to store', value: names.join(', ') }];
}

function resolved(known: Known, id: string, inputs: z.infer<typeof entry>['inputs'], name: string | undefined) {
  try {
    return known.catalog.resolve(id, inputs, name);
  } catch (error) {
    throw new ORPCError('INVALID', { message: error instanceof Error ? error.message : 'An input does not fit.' });
  }
}

function serverFacts({ approvals, configs }: Known, name: string): Fact[] {
  const record = approvals.server(name);
  const config = configs.all().get(name);
  if (!record || !config) {
    throw new ORPCError('NOT_FOUND', {
      message: `There is no server named ${name}. "gatehouse server list" shows all.`,
    });
  }
  const { approvedLaunch, instructions, fingerprint, state } = record;
  const others = new Map([...configs.all()].filter(([other]) => other !== name));
  return [
    ...launchFacts(name, config, others),
    ...(state === 'changed' && approvedLaunch
      ? [{ label: 'Approved before', value: commandLineOf(approvedLaunch) }]
      : []),
    ...(instructions === null ? [] : [{ label: 'Its instructions', value: instructions.slice(0, 2_000) }]),
    { label: 'Fingerprint', value: fingerprint },
  ];
}

function toolFacts({ approvals }: Known, ids: readonly string[], effect: Effect | undefined): Fact[] {
  const tools = new Map(approvals.summaries().map((tool) => [tool.id, tool]));
  const shown = ids.slice(0, MOST_TOOLS).map((id) => {
    const tool = tools.get(id);
    return { label: id, value: tool ? toolText(tool, effect) : 'there is no such tool' };
  });
  const all = ids.map((id) => `${id} ${tools.get(id)?.fingerprint ?? ''} ${effect ?? tools.get(id)?.suggestedEffect}`);
  const digest = createHash('sha256').update(all.sort().join('\n')).digest('hex');
  return [
    ...shown,
    ...(ids.length > shown.length ? [{ label: 'And', value: countOf(ids.length - shown.length) }] : []),
    { label: 'Fingerprint of all', value: digest },
  ];
}

function toolText(tool: ToolSummary, effect: Effect | undefined): string {
  const state = tool.state === 'changed' ? 'changed since you approved it' : tool.state;
  const hides = tool.hidesText ? ' It holds characters that cannot be seen.' : '';
  return `as ${effect ?? tool.suggestedEffect}; ${state}.${hides} It says: ${tool.description || 'nothing'}`;
}

function profileText({ profiles }: Known, name: string): string {
  const profile = profiles.get(name);
  if (!profile) return `${name}, which is not defined: it may use nothing`;
  return `${name}: ${profile.servers?.join(', ') ?? 'all servers'}; ${profile.effects.join(', ')}`;
}
