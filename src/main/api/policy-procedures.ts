/** Profiles and rules: what they are, one change at a time, and what they would do. */
import { createHash } from 'node:crypto';
import { ORPCError } from '@orpc/server';
import type { AnswerRow, Explanation, PolicyEdit, PolicyView, ProfileView } from '@shared/contract/index.ts';
import type { Effect } from '@shared/words.ts';
import { answerFor, editedPolicy, loadJsonPaths, type Profile, readPolicy, ruleText } from '../policy/index.ts';
import { replaceFile } from '../upstreams/index.ts';
import type { ContractImplementer } from './base.ts';
import type { ConnectionContext, Services } from './services.ts';

export function policyProcedures(base: ContractImplementer, services: Services) {
  const { apps, profiles, simulator } = services;
  const appNamed = (nameOrId: string) => {
    const app = apps.list().find(({ id, name }) => id === nameOrId || name.toLowerCase() === nameOrId.toLowerCase());
    if (!app) throw new ORPCError('NOT_FOUND', { message: `There is no AI app named ${nameOrId}.` });
    return app;
  };
  return {
    get: base.policy.get.handler(() => viewOf(services)),
    edit: base.policy.edit.handler(({ input, context }) => editPolicy(services, context, input)),
    explain: base.policy.explain.handler(async ({ input }): Promise<Explanation> => {
      const { id, name, profile } = appNamed(input.app);
      const decision = await simulator.explain({ id, name, profile }, input.tool, input.arguments);
      const asked = { app: name, profile, tool: input.tool, trail: decision.trail };
      switch (decision.verdict) {
        case 'refuse':
          return { ...asked, verdict: 'refuse', code: decision.refusal.code, message: decision.refusal.message };
        case 'ask':
          return { ...asked, verdict: 'ask', code: null, message: decision.reasons.map(({ text }) => text).join(' ') };
        default:
          return { ...asked, verdict: 'pass', code: null, message: null };
      }
    }),
    sees: base.policy.sees.handler(({ input }) => {
      const app = appNamed(input.app);
      const profile = profiles.get(app.profile);
      const approved = services.approvals.tools({ state: 'approved', kind: 'tool' });
      const base = { app: app.name, profile: app.profile, approved: approved.length };
      if (!profile) return { ...base, surface: 'discover' as const, menuChars: 0, fullChars: 0, servers: [] };
      const { tools, prompts, resources, menuChars } = simulator.sight(profile);
      const servers = [...new Set([...tools, ...prompts, ...resources].map(({ server }) => server))].sort();
      return {
        ...base,
        surface: profile.surface,
        menuChars,
        fullChars: tools.reduce((sum, { definitionJson }) => sum + definitionJson.length, 0),
        servers: servers.map((server) => ({
          server,
          tools: tools.flatMap(({ id, server: of, kind, effect }) => {
            if (of !== server || effect === null) return [];
            const answer = answerFor(profile, { id, server, kind, effect });
            return answer === 'hide' ? [] : [{ id, effect, answer }];
          }),
          prompts: prompts.filter((prompt) => prompt.server === server).length,
          resources: resources.filter((resource) => resource.server === server).length,
        })),
      };
    }),
  };
}

const revisionOf = (text: string | null): string =>
  createHash('sha256')
    .update(text ?? '')
    .digest('hex');

function viewOf({ apps, approvals, policyFile, profiles }: Services): PolicyView {
  const { placed, tags } = profiles.fileRules();
  return {
    file: policyFile,
    revision: revisionOf(profiles.text()),
    problem: profiles.problem(),
    held: [...(profiles.held()?.wider ?? [])],
    profiles: profiles.all().map((profile) => profileView(profile, { apps, approvals })),
    rules: placed.map(({ place, rule, builtIn }) => ({ place, rule, builtIn, text: ruleText(rule) })),
    tags: Object.entries(tags).map(([tag, tools]) => ({ tag, tools: [...tools] })),
  };
}

function profileView(profile: Profile, { apps, approvals }: Pick<Services, 'apps' | 'approvals'>): ProfileView {
  const approved = approvals.tools({ state: 'approved', kind: 'tool' });
  const sees = { read: 0, write: 0, destructive: 0, asked: 0 };
  const counts = new Map<string, { read: number; write: number; destructive: number }>();
  for (const { id, server, kind, effect } of approved) {
    if (effect === null) continue;
    const count = counts.get(server) ?? { read: 0, write: 0, destructive: 0 };
    count[effect] += 1;
    counts.set(server, count);
    const answer = answerFor(profile, { id, server, kind, effect });
    if (answer !== 'hide') sees[effect] += 1;
    if (answer === 'ask') sees.asked += 1;
  }
  /** No tool is called so, so it has no answer of its own. */
  const rowFor = (server: string): AnswerRow => {
    const answer = (effect: Effect) =>
      answerFor({ ...profile, tools: {}, tagged: [] }, { id: `${server}:`, server, kind: 'tool', effect });
    return { read: answer('read'), write: answer('write'), destructive: answer('destructive') };
  };
  const tagAnswers = new Map(profile.tagged.map(({ tag, answer }) => [tag, answer]));
  return {
    name: profile.name,
    surface: profile.surface,
    others: rowFor(''),
    servers: approvals
      .servers()
      .map(({ name }) => name)
      .sort()
      .map((server) => ({
        server,
        answers: rowFor(server),
        tools: counts.get(server) ?? { read: 0, write: 0, destructive: 0 },
      })),
    tools: Object.entries(profile.tools).map(([id, row]) => {
      return { id, answer: row[approvals.tool(id)?.effect ?? 'read'] };
    }),
    tags: [...tagAnswers].map(([tag, answer]) => ({ tag, answer })),
    resources: profile.resources,
    prompts: profile.prompts,
    callsPerMinute: profile.callsPerMinute,
    concurrentCalls: profile.concurrentCalls,
    callsPerDay: profile.callsPerDay,
    loopGuard: profile.loopGuard,
    apps: apps
      .list()
      .filter((app) => app.profile === profile.name && app.revokedAt === null)
      .map(({ id, name }) => ({ id, name })),
    sees,
  };
}

/** Writes one change. What a person does here is their yes to exactly this text and nothing that waited before. */
async function editPolicy(
  services: Services,
  { actor }: ConnectionContext,
  { revision, edit }: { readonly revision: string; readonly edit: PolicyEdit },
): Promise<PolicyView> {
  const { audit, clock, policyFile, profiles } = services;
  await profiles.refresh();
  const before = profiles.text();
  if (revisionOf(before) !== revision) {
    throw new ORPCError('CONFLICT', {
      message: 'policy.json was changed meanwhile. Look at it as it is now, then try again.',
    });
  }
  const problem = profiles.problem();
  if (problem) {
    throw new ORPCError('INVALID', {
      message: `policy.json cannot be read (line ${problem.line}: ${problem.message}). Correct it first.`,
    });
  }
  if (profiles.held()) {
    throw new ORPCError('CONFLICT', {
      message: 'An edit of policy.json by another program waits for your answer. Answer it on Home first.',
    });
  }
  const text = editedText(services, before, edit);
  if (text.includes('"path"')) await loadJsonPaths();
  const reading = readPolicy(text);
  if (!reading.ok) throw new ORPCError('INVALID', { message: reading.problem.message });
  refuseLostApps(services, edit);
  audit.note({ at: clock(), actor, action: 'policy.edit', subject: 'policy.json', facts: { edit } });
  if (before !== null) await replaceFile(`${policyFile}.bak`, before, null);
  if (!(await replaceFile(policyFile, text, before ?? ''))) {
    throw new ORPCError('CONFLICT', { message: 'policy.json was changed at this very moment. Try again.' });
  }
  await profiles.refresh();
  const held = profiles.held();
  if (held && profiles.text() === text) profiles.accept(held.id);
  return viewOf(services);
}

function editedText({ approvals, profiles }: Services, before: string | null, edit: PolicyEdit): string {
  const profile = 'profile' in edit ? profiles.get(edit.profile) : undefined;
  const servers = approvals.servers().map(({ name }) => name);
  try {
    return editedPolicy(before, edit, { profile, servers, rules: profiles.fileRules().own });
  } catch (error) {
    throw new ORPCError('INVALID', {
      message: error instanceof Error ? error.message : 'This edit means nothing here.',
    });
  }
}

/** An app whose profile is gone may use nothing, which nobody means by tidying up. */
function refuseLostApps({ apps }: Services, edit: PolicyEdit): void {
  if (edit.kind !== 'remove-profile') return;
  const users = apps.list().filter(({ profile, revokedAt }) => profile === edit.profile && revokedAt === null);
  if (users.length === 0) return;
  const names = users.map(({ name }) => name).join(', ');
  throw new ORPCError('INVALID', { message: `${names} uses the profile ${edit.profile}. Give it another one first.` });
}
