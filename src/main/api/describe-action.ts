import { createHash } from 'node:crypto';
import { ORPCError } from '@orpc/server';
import { addServerInputSchema, askScopeSchema, type ToolSummary } from '@shared/contract/index.ts';
import { type Effect, effectSchema, flowLabelSchema, offerKindSchema, splitOfferId } from '@shared/words.ts';
import { z } from 'zod';
import { offerNoun, offerTitle } from '../approvals/index.ts';
import { commandLineOf } from '../upstreams/index.ts';
import { allowFacts } from './ask-facts.ts';
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
  'approvals' | 'apps' | 'asking' | 'catalog' | 'configs' | 'endpoint' | 'gate' | 'profiles' | 'settings'
>;

const named = z.object({ name: z.string() });
const switched = z.object({ name: z.string(), disabled: z.boolean() });
const chosen = z.object({
  ids: z.array(z.string()),
  effect: effectSchema.optional(),
  labels: z.array(flowLabelSchema).optional(),
});
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
const allowed = z.object({ ids: z.array(z.string()), scope: askScopeSchema.default('once') });
const unanswered = z.object({ id: z.string() });
const policyChange = z.object({ edit: z.record(z.string(), z.unknown()) });

/** Offers that are listed one by one; the rest is counted, and their fingerprints count all the same. */
const MOST_OFFERS = 100;
/** Characters of instructions that are shown; the fingerprint covers them all. */
const SHOWN_INSTRUCTIONS = 2_000;

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
      case 'servers.signIn': {
        const { name } = named.parse(input);
        return {
          summary: `The command line wants to begin a sign-in at ${name}, so that agents can use it as you.`,
          facts: serverFacts(known, name),
        };
      }
      case 'servers.setDisabled': {
        const { name, disabled } = switched.parse(input);
        return {
          summary: `The command line wants to switch ${name} ${disabled ? 'off' : 'on'}.`,
          facts: serverFacts(known, name),
        };
      }
      case 'tools.approve': {
        const { ids, effect, labels } = chosen.parse(input);
        const unique = [...new Set(ids)];
        return {
          summary: `The command line wants to approve ${offersText(unique)}.`,
          facts: [
            ...offerFacts(known, unique, effect),
            ...(labels ? [{ label: 'Flow labels', value: labels.join(', ') || 'none' }] : []),
          ],
        };
      }
      case 'tools.approveAll': {
        const { server, effect } = ofServer.parse(input);
        const held = known.approvals
          .summaries({ server })
          .filter(
            (offer) =>
              (offer.state === 'pending' || offer.state === 'changed') &&
              !offer.hidesText &&
              offer.findingCounts.serious === 0,
          )
          .map((offer) => offer.id);
        const instructions = instructionsFacts(known, server);
        const what = [...(instructions.length > 0 ? ['the instructions'] : []), countsText(held)].join(' and ');
        return {
          summary: `The command line wants to approve ${what} of ${server}: everything that waits there.`,
          facts: [...instructions, ...offerFacts(known, held, effect)],
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
      case 'asks.allow': {
        const { ids, scope } = allowed.parse(input);
        return allowFacts(known.asking, ids, scope);
      }
      case 'asks.allowNext': {
        const { id } = unanswered.parse(input);
        const ask = known.asking.list().settled.find((settled) => settled.id === id);
        return {
          summary: 'The command line wants one more call like one that nobody answered to be allowed for 15 minutes.',
          facts: [
            { label: 'Call', value: ask ? `${ask.app.name}, ${ask.server} › ${ask.name}, ${ask.effect}` : 'not known' },
          ],
        };
      }
      case 'policy.edit': {
        const { edit } = policyChange.parse(input);
        return {
          summary: 'The command line wants to change what AI apps may do.',
          facts: Object.entries(edit).map(([label, value]) => ({ label, value: JSON.stringify(value) })),
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
    ...(instructions === null ? [] : [{ label: 'Its instructions', value: instructions.slice(0, SHOWN_INSTRUCTIONS) }]),
    { label: 'Fingerprint', value: fingerprint },
  ];
}

/** Instructions that would be approved with the rest; none when none wait. */
function instructionsFacts({ approvals }: Known, name: string): Fact[] {
  const record = approvals.server(name);
  if (!record?.instructions || record.instructionsState !== 'pending') return [];
  return [
    { label: 'Its instructions', value: record.instructions.slice(0, SHOWN_INSTRUCTIONS) },
    { label: 'Fingerprint of the server', value: record.fingerprint },
  ];
}

function offerFacts({ approvals }: Known, ids: readonly string[], effect: Effect | undefined): Fact[] {
  const servers = new Set(ids.map((id) => splitOfferId(id)?.server));
  const offers = new Map(
    [...servers].flatMap((server) =>
      server === undefined ? [] : approvals.summaries({ server }).map((offer) => [offer.id, offer] as const),
    ),
  );
  const effectOf = (id: string): Effect | undefined => {
    const offer = offers.get(id);
    return offer?.kind === 'tool' ? (effect ?? offer.suggestedEffect) : offer?.suggestedEffect;
  };
  const shown = ids.slice(0, MOST_OFFERS).map((id) => {
    const offer = offers.get(id);
    return { label: id, value: offer ? offerText(offer, effectOf(id)) : 'there is no such thing' };
  });
  const all = ids.map((id) => `${id} ${offers.get(id)?.fingerprint ?? ''} ${effectOf(id)}`);
  const digest = createHash('sha256').update(all.sort().join('\n')).digest('hex');
  const rest = ids.slice(MOST_OFFERS);
  return [
    ...shown,
    ...(rest.length > 0 ? [{ label: 'And', value: countsText(rest) }] : []),
    { label: 'Fingerprint of all', value: digest },
  ];
}

function offerText(offer: ToolSummary, effect: Effect | undefined): string {
  const state = offer.state === 'changed' ? 'changed since you approved it' : offer.state;
  const hides = offer.hidesText ? ' It holds characters that cannot be seen.' : '';
  const { serious } = offer.findingCounts;
  const found =
    serious === 0 ? '' : ` The scanner found ${serious === 1 ? 'something' : `${serious} things`} serious in it.`;
  const as = offer.kind === 'tool' ? `as ${effect}; ` : '';
  return `${as}${state}.${hides}${found} It says: ${offer.description || 'nothing'}`;
}

const offersText = (ids: readonly string[]): string =>
  ids.length === 1 && ids[0] !== undefined ? offerTitle(ids[0]) : countsText(ids);

/** "3 tools", "2 tools and one prompt". */
function countsText(ids: readonly string[]): string {
  const counts = offerKindSchema.options.flatMap((kind) => {
    const count = ids.filter((id) => (splitOfferId(id)?.kind ?? 'tool') === kind).length;
    return count === 0 ? [] : [count === 1 ? `one ${offerNoun(kind)}` : `${count} ${offerNoun(kind)}s`];
  });
  const last = counts.pop() ?? 'nothing';
  return counts.length === 0 ? last : `${counts.join(', ')} and ${last}`;
}

function profileText({ profiles }: Known, name: string): string {
  const profile = profiles.get(name);
  if (!profile) return `${name}, which is not defined: it may use nothing`;
  return `${name}: ${profile.servers?.join(', ') ?? 'all servers'}; ${profile.effects.join(', ')}`;
}
