import type { AddServerInput, ServerConfig } from '@shared/contract/index.ts';
import { serverNameSchema } from '@shared/words.ts';
import { parseCommandLine } from './command-line.ts';

/** A row of the form: an environment variable or a header. */
export interface NamedValue {
  id: number;
  name: string;
  value: string;
  /** Goes to the vault; servers.json only gets a reference. */
  isSecret: boolean;
}

/** What the form holds, as typed. */
export interface ServerDraft {
  kind: 'command' | 'url';
  name: string;
  /** One line, or program and arguments one by one. */
  entry: 'line' | 'list';
  commandLine: string;
  argv: string[];
  cwd: string;
  env: NamedValue[];
  url: string;
  headers: NamedValue[];
  /** Whom one process or connection serves. */
  serves: 'shared' | 'app' | 'session';
  /** Minutes, as typed; empty: as Gatehouse does it. */
  idleMinutes: string;
  /** Start in the folder the app works in; only where it is not shared. */
  inAppFolder: boolean;
  /** Transport named in a pasted entry; undefined lets Gatehouse find out. */
  type?: ServerConfig['type'];
}

export const emptyDraft: ServerDraft = {
  kind: 'command',
  name: '',
  entry: 'line',
  commandLine: '',
  argv: [''],
  cwd: '',
  env: [],
  url: '',
  headers: [],
  serves: 'shared',
  idleMinutes: '',
  inAppFolder: false,
};

export type DraftField = 'name' | 'command' | 'url' | 'env' | 'headers' | 'idleMinutes';
export type DraftProblems = Partial<Record<DraftField, string>>;

let lastId = 0;
export function namedValue(name: string, value: string, isSecret = looksSecret(name)): NamedValue {
  lastId += 1;
  return { id: lastId, name, value, isSecret };
}

/** Names that usually hold something nobody else should see. */
export function looksSecret(name: string): boolean {
  return /token|secret|passw|pwd|api[-_]?key|_key$|^key$|authorization|credential|database_url|dsn/i.test(name);
}

function argvOfDraft(draft: ServerDraft) {
  if (draft.entry === 'list') return { argv: draft.argv.filter((it, at) => at === 0 || it !== ''), env: [] };
  const parsed = parseCommandLine(draft.commandLine);
  return parsed.ok ? { argv: parsed.argv, env: parsed.env } : { argv: [], env: [] };
}

function rowProblem(rows: readonly NamedValue[], pattern: RegExp, what: string): string | undefined {
  const used = rows.filter((row) => row.name !== '' || row.value !== '');
  const bad = used.find((row) => !pattern.test(row.name));
  if (bad) {
    return bad.name === '' ? `A value has no ${what}.` : `“${bad.name}” cannot be a ${what}.`;
  }
  const twice = used.find((row, at) => used.findIndex((other) => other.name === row.name) !== at);
  return twice && `${twice.name} is there twice.`;
}

/** What has to be corrected before a plan can be made; empty when nothing. */
export function draftProblems(draft: ServerDraft): DraftProblems {
  const problems: DraftProblems = {};
  const name = serverNameSchema.safeParse(draft.name);
  if (!name.success) {
    problems.name = draft.name === '' ? 'Give it a name.' : (name.error.issues[0]?.message ?? 'Not a server name.');
  }
  if (draft.kind === 'url') {
    const url = URL.parse(draft.url.trim());
    if (!url || !/^https?:$/.test(url.protocol)) problems.url = 'Give the whole address, starting with https://.';
    const headers = rowProblem(draft.headers, /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'header name');
    if (headers) problems.headers = headers;
    return problems;
  }
  if (draft.idleMinutes.trim() !== '' && idleMinutesOf(draft) === null) {
    problems.idleMinutes = 'Give a number of minutes from 0 to 525,600.';
  }
  const parsed = parseCommandLine(draft.commandLine);
  if (draft.entry === 'line' && !parsed.ok) problems.command = parsed.problem;
  else if (!argvOfDraft(draft).argv[0]) problems.command = 'Give the command that starts it.';
  const env = rowProblem(draft.env, /^[A-Za-z_][A-Za-z0-9_]*$/, 'variable name');
  if (env) problems.env = env;
  return problems;
}

const mostIdleMinutes = 525_600;

/** Null: nothing was typed, or no number of minutes. */
function idleMinutesOf({ idleMinutes }: ServerDraft): number | null {
  const typed = idleMinutes.trim();
  if (!/^\d+(\.\d+)?$/.test(typed)) return null;
  const minutes = Number(typed);
  return minutes <= mostIdleMinutes ? minutes : null;
}

/** What differs from how Gatehouse runs a server anyway; undefined when nothing does. */
function runningOf(draft: ServerDraft): ServerConfig['gatehouse'] {
  const isCommand = draft.kind === 'command';
  const minutes = isCommand ? idleMinutesOf(draft) : null;
  const own = {
    ...(draft.serves !== 'shared' && { instances: draft.serves }),
    ...(minutes !== null && { idleMinutes: minutes }),
    ...(isCommand && draft.serves !== 'shared' && draft.inAppFolder && { workingDirectory: 'app-roots' as const }),
  };
  return Object.keys(own).length === 0 ? undefined : own;
}

/** The vault's name for a value of this server. */
function secretName(server: string, name: string): string {
  return `${server}.${name}`.replaceAll(/[^A-Za-z0-9._-]/g, '_');
}

function valuesOf(server: string, rows: readonly NamedValue[], secrets: Record<string, string>) {
  const used = rows.filter((row) => row.name !== '');
  if (used.length === 0) return undefined;
  return Object.fromEntries(
    used.map((row) => {
      if (!row.isSecret || row.value.includes('${secret:')) return [row.name, row.value];
      const vaultName = secretName(server, row.name);
      secrets[vaultName] = row.value;
      return [row.name, `\${secret:${vaultName}}`];
    }),
  );
}

/** What goes to Gatehouse. Secret values are apart from the config, which only refers to them. */
export function addInputOf(draft: ServerDraft): Required<AddServerInput> {
  const secrets: Record<string, string> = {};
  const gatehouse = runningOf(draft);
  if (draft.kind === 'url') {
    const headers = valuesOf(draft.name, draft.headers, secrets);
    const type = draft.type === 'stdio' ? undefined : draft.type;
    return {
      name: draft.name,
      config: {
        url: draft.url.trim(),
        ...(type && { type }),
        ...(headers && { headers }),
        ...(gatehouse && { gatehouse }),
      },
      secrets,
    };
  }
  const { argv, env: inline } = argvOfDraft(draft);
  const [command = '', ...args] = argv;
  const rows = [...inline.map((it) => namedValue(it.name, it.value)), ...draft.env];
  const env = valuesOf(draft.name, rows, secrets);
  const cwd = draft.cwd.trim();
  return {
    name: draft.name,
    config: { command, args, ...(env && { env }), ...(cwd && { cwd }), ...(gatehouse && { gatehouse }) },
    secrets,
  };
}

/** Changes how the command is typed and keeps what it says. */
export function withEntry(
  draft: ServerDraft,
  entry: ServerDraft['entry'],
  quote: (argument: string) => string,
): ServerDraft {
  if (entry === draft.entry) return draft;
  if (entry === 'list') {
    const { argv, env } = argvOfDraft(draft);
    return {
      ...draft,
      entry,
      argv: argv.length === 0 ? [''] : argv,
      env: [...draft.env, ...env.map((it) => namedValue(it.name, it.value))],
    };
  }
  return { ...draft, entry, commandLine: argvOfDraft(draft).argv.map(quote).join(' ').trim() };
}
