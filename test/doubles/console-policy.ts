/** The policy room of the stand-in console: invented profiles and rules over its servers. */
import type { implement } from '@orpc/server';
import type {
  AnswerRow,
  AppSummary,
  BuiltInRule,
  contract,
  PolicyRule,
  PolicyView,
  ProfileView,
  ServerSummary,
  ToolSummary,
} from '../../src/shared/contract/index.ts';

interface World {
  readonly apps: readonly AppSummary[];
  readonly servers: readonly ServerSummary[];
  readonly tools: readonly ToolSummary[];
  readonly isEmpty: boolean;
}

const usual: AnswerRow = { read: 'allow', write: 'allow', destructive: 'ask' };
const hidden: AnswerRow = { read: 'hide', write: 'hide', destructive: 'hide' };
const careful: AnswerRow = { read: 'allow', write: 'ask', destructive: 'hide' };

type Told = { readonly text: string; readonly rule: PolicyRule };

const builtIn: readonly (Told & { readonly name: BuiltInRule })[] = [
  {
    name: 'secret-folders',
    text: 'Any app may not use any tools with any argument inside ~/.ssh, ~/.aws, ~/.gnupg, ~/.kube, ~/.config/gcloud, ~/.netrc',
    rule: { verb: 'deny', note: 'Keys and sign-ins of other programs.' },
  },
  {
    name: 'env-files',
    text: 'Any app may not use any tools with any argument naming .env, .env.local, .env.production',
    rule: { verb: 'deny', note: 'Files that programs keep their secrets in.' },
  },
];

const ownRules: readonly Told[] = [
  {
    text: 'Claude Code asks before using github:create_pull_request, github:merge_pull_request',
    rule: { verb: 'ask', apps: ['Claude Code'], tools: ['github:create_pull_request', 'github:merge_pull_request'] },
  },
  {
    text: 'Cursor may use any tools of playwright until 2026-11-30T14:37:00Z',
    rule: { verb: 'allow', apps: ['Cursor'], servers: ['playwright'], until: '2026-11-30T14:37:00Z' },
  },
  {
    text: 'Claude Code, Cursor may use any write tools of filesystem with $.path inside ~/code',
    rule: { verb: 'allow', apps: ['Claude Code', 'Cursor'], servers: ['filesystem'], effects: ['write'] },
  },
  {
    text: 'Codex may not use any tools of xcodebuild',
    rule: { verb: 'deny', apps: ['Codex'], servers: ['xcodebuild'], note: 'You, 3 Nov' },
  },
  {
    text: 'Any app using any tools: 60 calls a minute, counted per app',
    rule: { verb: 'limit', per: 'app', callsPerMinute: 60 },
  },
];

export function policyRoom(os: ReturnType<typeof implement<typeof contract>>['policy'], world: () => World) {
  const rows = new Map<string, AnswerRow>();
  let rules = ownRules;
  let off: BuiltInRule[] = [];

  const rowOf = (profile: string, server: string, index: number): AnswerRow =>
    rows.get(`${profile} ${server}`) ?? (profile === 'nothing' ? hidden : index % 3 === 1 ? careful : usual);

  const profile = (name: string, apps: readonly AppSummary[]): ProfileView => {
    const { servers } = world();
    const sees = { read: 0, write: 0, destructive: 0, asked: 0 };
    const shown = servers.map(({ name: server, tools }, index) => {
      const answers = rowOf(name, server, index);
      for (const effect of ['read', 'write', 'destructive'] as const) {
        if (answers[effect] !== 'hide') sees[effect] += tools[effect];
        if (answers[effect] === 'ask') sees.asked += tools[effect];
      }
      const { read, write, destructive } = tools;
      return { server, answers, tools: { read, write, destructive } };
    });
    return {
      name,
      surface: 'discover',
      others: rows.get(`${name} `) ?? (name === 'default' ? usual : hidden),
      servers: shown,
      tools: [],
      tags: [],
      resources: 'allow',
      prompts: 'allow',
      callsPerMinute: 60,
      concurrentCalls: 5,
      callsPerDay: null,
      loopGuard: null,
      apps: apps.map(({ id, name: app }) => ({ id, name: app })),
      sees,
    };
  };

  const view = (): PolicyView => ({
    file: '/home/mara/.local/share/gatehouse/policy.json',
    revision: 'r1',
    problem: null,
    held: [],
    profiles: [
      profile(
        'default',
        world().apps.filter(({ revokedAt }) => revokedAt === null),
      ),
      profile('nothing', []),
    ],
    rules: [
      ...builtIn.map(({ name, text, rule }) => ({ text, rule: { ...rule, off: off.includes(name) }, builtIn: name })),
      ...rules.map((told) => ({ ...told, builtIn: null })),
    ].map((told, at) => ({ ...told, place: at + 1 })),
    tags: [],
  });

  return {
    get: os.get.handler(view),
    edit: os.edit.handler(({ input: { edit } }) => {
      if (edit.kind === 'answer') {
        const key = `${edit.profile} ${edit.server ?? ''}`;
        const index = world().servers.findIndex(({ name }) => name === edit.server);
        rows.set(key, {
          ...(rows.get(key) ?? rowOf(edit.profile, edit.server ?? '', index)),
          [edit.effect]: edit.answer,
        });
      }
      if (edit.kind === 'built-in') off = edit.on ? off.filter((rule) => rule !== edit.rule) : [...off, edit.rule];
      if (edit.kind === 'add-rule')
        rules = [...rules, { text: `A new rule that does ${edit.rule.verb}`, rule: edit.rule }];
      if (edit.kind === 'remove-rule') rules = rules.filter((_rule, at) => at !== edit.at);
      if (edit.kind === 'switch-rule')
        rules = rules.map((told, at) => (at === edit.at ? { ...told, rule: { ...told.rule, off: !edit.on } } : told));
      return view();
    }),
    explain: os.explain.handler(({ input }) => ({
      app: input.app,
      profile: 'default',
      tool: input.tool,
      verdict: 'ask' as const,
      code: null,
      message: 'Profile default asks before destructive calls of this kind.',
      trail: [
        { stage: 'gate', verdict: 'pass' as const, note: 'The gate is open.', atMicros: 0 },
        { stage: 'approval', verdict: 'pass' as const, note: 'The person approved this definition.', atMicros: 0 },
        { stage: 'rules', verdict: 'skip' as const, note: 'No rule decides; the profile does.', atMicros: 0 },
        {
          stage: 'ask',
          verdict: 'ask' as const,
          note: 'Profile default asks before destructive calls of this kind.',
          atMicros: 0,
        },
      ],
    })),
    sees: os.sees.handler(({ input }) => ({
      app: world().apps.find(({ id }) => id === input.app)?.name ?? input.app,
      profile: 'default',
      surface: 'discover' as const,
      approved: 168,
      menuChars: 7_200,
      fullChars: 184_800,
      servers: world()
        .servers.slice(0, 4)
        .map(({ name }) => ({
          server: name,
          prompts: 2,
          resources: 3,
          tools: [
            { id: `${name}:search`, effect: 'read' as const, answer: 'allow' as const },
            { id: `${name}:delete`, effect: 'destructive' as const, answer: 'ask' as const },
          ],
        })),
    })),
  };
}
