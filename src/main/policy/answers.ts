/** What a profile answers for one offer, and which of two profiles answers more. Pure. */
import type { AnswerRow, PolicyAnswer } from '@shared/contract/index.ts';
import { type Effect, effectSchema, type OfferKind, splitToolId } from '@shared/words.ts';
import type { Profile } from './profiles.ts';
import { fitsGlob } from './text-glob.ts';

export const USUAL_ANSWERS: AnswerRow = { read: 'allow', write: 'allow', destructive: 'ask' };
export const HIDE_ALL: AnswerRow = { read: 'hide', write: 'hide', destructive: 'hide' };

const RANK: Readonly<Record<PolicyAnswer, number>> = { hide: 0, ask: 1, allow: 2 };
export const isMoreOpen = (a: PolicyAnswer, b: PolicyAnswer): boolean => RANK[a] > RANK[b];
export const stricterAnswer = (a: PolicyAnswer, b: PolicyAnswer): PolicyAnswer => (isMoreOpen(a, b) ? b : a);

export const rowOf = (answerOf: (effect: Effect) => PolicyAnswer): AnswerRow => ({
  read: answerOf('read'),
  write: answerOf('write'),
  destructive: answerOf('destructive'),
});
export const stricterRow = (a: AnswerRow, b: AnswerRow): AnswerRow =>
  rowOf((effect) => stricterAnswer(a[effect], b[effect]));

/** The row of the matrix that holds for a server; null: one that has no row of its own. */
export function serverRow(
  { others, perServer }: Pick<Profile, 'others' | 'perServer'>,
  server: string | null,
): AnswerRow {
  return (server !== null && Object.hasOwn(perServer, server) ? perServer[server] : undefined) ?? others;
}

/** A tool's own row, else its server's. */
export function toolRow(profile: Pick<Profile, 'others' | 'perServer' | 'tools'>, id: string): AnswerRow {
  const own = Object.hasOwn(profile.tools, id) ? profile.tools[id] : undefined;
  return own ?? serverRow(profile, splitToolId(id)?.server ?? null);
}

export interface AnsweredOffer {
  readonly id: string;
  readonly server: string;
  readonly kind: OfferKind;
  /** `read` for everything that is no tool. */
  readonly effect: Effect;
}

/** What the profile says about one offer, before any rule. */
export function answerFor(profile: Profile, { id, server, kind, effect }: AnsweredOffer): PolicyAnswer {
  if (profile.servers !== null && !profile.servers.includes(server)) return 'hide';
  if (!profile.effects.includes(effect)) return 'hide';
  if (kind === 'prompt') return stricterAnswer(profile.prompts, serverRow(profile, server).read);
  if (kind !== 'tool') return stricterAnswer(profile.resources, serverRow(profile, server).read);
  let answer = toolRow(profile, id)[effect];
  for (const narrowing of profile.tagged) {
    if (isMoreOpen(answer, narrowing.answer) && fitsGlob(narrowing.tool, id)) answer = narrowing.answer;
  }
  return answer;
}

/** Everything both profiles have a say about, each answer the stricter of the two: no offer gets more than either gives. */
export function commonAnswers(
  a: Profile,
  b: Profile,
): Pick<Profile, 'others' | 'perServer' | 'tools' | 'tagged' | 'resources' | 'prompts'> {
  const servers = new Set([...Object.keys(a.perServer), ...Object.keys(b.perServer)]);
  const tools = new Set([...Object.keys(a.tools), ...Object.keys(b.tools)]);
  const tagged = new Map([...a.tagged, ...b.tagged].map((one) => [`${one.answer} ${one.tool}`, one]));
  return {
    others: stricterRow(a.others, b.others),
    perServer: Object.fromEntries(
      [...servers].map((server) => [server, stricterRow(serverRow(a, server), serverRow(b, server))]),
    ),
    tools: Object.fromEntries([...tools].map((id) => [id, stricterRow(toolRow(a, id), toolRow(b, id))])),
    tagged: [...tagged.values()],
    resources: stricterAnswer(a.resources, b.resources),
    prompts: stricterAnswer(a.prompts, b.prompts),
  };
}

/** One sentence for each answer of `wanted` that is more open. What servers and effects open is said elsewhere. */
export function widerAnswers(wanted: Profile, before: Profile): string[] {
  const { name } = wanted;
  const found: string[] = [];
  const say = (what: string, now: AnswerRow, was: AnswerRow): void => {
    for (const effect of effectSchema.options) {
      if (isMoreOpen(now[effect], was[effect])) {
        found.push(`The profile ${name} would ${now[effect]} ${effect} tools ${what} (now: ${was[effect]}).`);
      }
    }
  };
  say('of servers without an answer of their own', wanted.others, before.others);
  for (const server of new Set([...Object.keys(wanted.perServer), ...Object.keys(before.perServer)])) {
    say(`of ${server}`, serverRow(wanted, server), serverRow(before, server));
  }
  for (const id of new Set([...Object.keys(wanted.tools), ...Object.keys(before.tools)])) {
    const [now, was] = [toolRow(wanted, id), toolRow(before, id)];
    if (effectSchema.options.some((effect) => isMoreOpen(now[effect], was[effect]))) {
      found.push(`The profile ${name} would be more open about ${id}.`);
    }
  }
  for (const { tool, answer } of before.tagged) {
    const stays = wanted.tagged.some((one) => one.tool === tool && !isMoreOpen(one.answer, answer));
    if (!stays) found.push(`The profile ${name} would no longer ${answer} ${tool}, which a tag named.`);
  }
  if (isMoreOpen(wanted.resources, before.resources))
    found.push(`The profile ${name} would ${wanted.resources} resources (now: ${before.resources}).`);
  if (isMoreOpen(wanted.prompts, before.prompts))
    found.push(`The profile ${name} would ${wanted.prompts} prompts (now: ${before.prompts}).`);
  return found;
}
