import { serverConfigSchema } from '@shared/contract/index.ts';
import { type ParseError, parse } from 'jsonc-parser';
import { z } from 'zod';
import { emptyDraft, namedValue, type ServerDraft } from './server-draft.ts';

/** One server as other apps write it; fields nobody needs here are ignored. */
const entrySchema = z.object({
  command: z.string().optional(),
  args: z.array(z.coerce.string()).optional(),
  env: z.record(z.string(), z.coerce.string()).optional(),
  cwd: z.string().optional(),
  url: z.string().optional(),
  httpUrl: z.string().optional(),
  serverUrl: z.string().optional(),
  type: z.string().optional(),
  headers: z.record(z.string(), z.coerce.string()).optional(),
  /** From servers.json itself. What does not fit is left out, never guessed. */
  gatehouse: serverConfigSchema.shape.gatehouse.catch(undefined),
});
type Entry = z.infer<typeof entrySchema>;

const isServer = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && ['command', 'url', 'httpUrl', 'serverUrl'].some((key) => key in value);

function entriesIn(value: unknown): [name: string, entry: unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  if (isServer(value)) return [['', value]];
  for (const key of ['mcpServers', 'servers', 'context_servers']) {
    if (key in value) return entriesIn((value as Record<string, unknown>)[key]);
  }
  return Object.entries(value).filter(([, entry]) => isServer(entry));
}

function parsed(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  return errors.length === 0 ? value : undefined;
}

const transports: Record<string, ServerDraft['type']> = {
  http: 'http',
  'streamable-http': 'streamable-http',
  streamableHttp: 'streamable-http',
  sse: 'sse',
};

function draftOf(name: string, entry: Entry): ServerDraft {
  const rows = (values: Record<string, string> | undefined) =>
    Object.entries(values ?? {}).map(([key, value]) => namedValue(key, value));
  const { instances, idleMinutes, workingDirectory } = entry.gatehouse ?? {};
  const running = {
    serves: instances ?? 'shared',
    idleMinutes: idleMinutes === undefined ? '' : String(idleMinutes),
    inAppFolder: workingDirectory === 'app-roots',
  };
  const url = entry.url ?? entry.httpUrl ?? entry.serverUrl;
  if (url !== undefined) {
    return {
      ...emptyDraft,
      ...running,
      kind: 'url',
      name,
      url,
      headers: rows(entry.headers),
      type: transports[entry.type ?? ''],
    };
  }
  return {
    ...emptyDraft,
    ...running,
    name,
    entry: 'list',
    argv: [entry.command ?? '', ...(entry.args ?? [])],
    cwd: entry.cwd ?? '',
    env: rows(entry.env),
  };
}

/**
 * Reads a copied config entry: an `mcpServers` or `servers` object, a single `"name": {…}`, or a bare server object,
 * with comments and trailing commas. Undefined when the text is something else.
 */
export function pastedServers(text: string): ServerDraft[] | undefined {
  const trimmed = text.trim();
  if (!/^[{"/]/.test(trimmed)) return undefined;
  const drafts = entriesIn(parsed(trimmed) ?? parsed(`{${trimmed.replace(/,$/, '')}}`)).flatMap(([name, value]) => {
    const entry = entrySchema.safeParse(value);
    return entry.success ? [draftOf(name.trim().replaceAll(/[^A-Za-z0-9._-]+/g, '-'), entry.data)] : [];
  });
  return drafts.length > 0 ? drafts : undefined;
}
