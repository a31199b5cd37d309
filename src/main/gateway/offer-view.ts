/**
 * What one profile sees under one path: approved offers only, servers by name and each server's offers in its own order.
 * Built when first asked for and thrown away when approvals or profiles change.
 */
import type { OfferKind } from '@shared/words.ts';
import type { Approvals, ToolRecord } from '../approvals/index.ts';
import type { Profile } from '../policy/index.ts';
import { DISCOVER_MENU, READ_RESULT } from './agent-menu.ts';
import { directNames } from './direct-names.ts';
import type { Target } from './front-door.ts';
import { type ListEntry, type ListKind, ListPages } from './list-pages.ts';
import { isOpenTo } from './own-answers.ts';
import { isObject } from './protocol.ts';
import { readUriTemplate, type UriTemplate } from './uri-template.ts';
import { looksWrapped, wrapUri } from './wrapped-uri.ts';

/** Direct names over all offers of a kind whatever their state, so that an approval never renames another one. */
export interface DirectNames {
  readonly idOf: ReadonlyMap<string, string>;
  readonly nameOf: ReadonlyMap<string, string>;
}

export interface KnownTemplate {
  readonly record: ToolRecord;
  /** Undefined when it is not well-formed: it is listed, and covers nothing. */
  readonly template: UriTemplate | undefined;
}

/** Own entries of a list stand before or behind all servers. */
const FIRST = '';
const LAST = '\u{10ffff}';

export class OfferView {
  readonly #approvals: Pick<Approvals, 'tools' | 'servers'>;
  readonly #names: (kind: 'tool' | 'prompt') => DirectNames;
  readonly profile: Profile;
  readonly target: Target;
  readonly #open = new Map<OfferKind, readonly ToolRecord[]>();
  readonly #pages = new Map<ListKind, ListPages>();
  #resources: ReadonlyMap<string, readonly ToolRecord[]> | undefined;
  #templates: readonly KnownTemplate[] | undefined;
  #heldTemplates: readonly KnownTemplate[] | undefined;
  #pagesOfTools: ReadonlyMap<string, readonly ToolRecord[]> | undefined;

  constructor(
    approvals: Pick<Approvals, 'tools' | 'servers'>,
    names: (kind: 'tool' | 'prompt') => DirectNames,
    profile: Profile,
    target: Target,
  ) {
    this.#approvals = approvals;
    this.#names = names;
    this.profile = profile;
    this.target = target;
  }

  pages(kind: ListKind): ListPages {
    let pages = this.#pages.get(kind);
    if (!pages) {
      pages = new ListPages(kind, this.#entries(kind));
      this.#pages.set(kind, pages);
    }
    return pages;
  }

  /** Approved offers of a kind inside the profile and path. */
  open(kind: OfferKind): readonly ToolRecord[] {
    let open = this.#open.get(kind);
    if (!open) {
      const { target, profile } = this;
      const server = target.kind === 'server' ? { server: target.server } : {};
      open = this.#approvals
        .tools({ state: 'approved', kind, ...server })
        .filter((record) => isOpenTo(profile, record))
        .sort(byServer);
      this.#open.set(kind, open);
    }
    return open;
  }

  /** Who offers exactly this URI, in server order. */
  resources(uri: string): readonly ToolRecord[] {
    this.#resources ??= groupBy(this.open('resource'), ({ name }) => [name]);
    return this.#resources.get(uri) ?? [];
  }

  templates(): readonly KnownTemplate[] {
    this.#templates ??= this.open('template').map(templateOf);
    return this.#templates;
  }

  /** Templates that wait for the person, so that a refusal can say so. */
  heldTemplates(): readonly KnownTemplate[] {
    if (!this.#heldTemplates) {
      const servers = new Set(this.servers());
      this.#heldTemplates = this.#approvals
        .tools({ kind: 'template' })
        .filter((record) => record.state !== 'approved' && servers.has(record.server))
        .sort(byServer)
        .map(templateOf);
    }
    return this.#heldTemplates;
  }

  /** The servers inside the profile and path, by name. */
  servers(): readonly string[] {
    const { target, profile } = this;
    return this.#approvals
      .servers()
      .map(({ name }) => name)
      .filter((name) => profile.servers?.includes(name) ?? true)
      .filter((name) => target.kind === 'profile' || target.server === name)
      .sort();
  }

  /** Tools whose definition names this `ui://` page (MCP Apps, `_meta.ui.resourceUri` and its older key). */
  toolsShowing(uri: string): readonly ToolRecord[] {
    this.#pagesOfTools ??= groupBy(this.open('tool'), pagesOf);
    return this.#pagesOfTools.get(uri) ?? [];
  }

  /** Tools the profile shows under their direct names. */
  direct(): readonly ToolRecord[] {
    const { surface, pinned } = this.profile;
    if (surface === 'discover') return [];
    return surface === 'direct' ? this.open('tool') : this.open('tool').filter(({ id }) => pinned.includes(id));
  }

  #entries(kind: ListKind): ListEntry[] {
    switch (kind) {
      case 'tools':
        return this.#tools();
      case 'prompts': {
        const { nameOf } = this.#names('prompt');
        return this.open('prompt').map((record) => entryOf(record, 'name', this.#shown(record, nameOf)));
      }
      case 'resources':
        return this.#uris('resource', 'uri');
      case 'resourceTemplates':
        return this.#uris('template', 'uriTemplate');
    }
  }

  #tools(): ListEntry[] {
    if (this.target.kind === 'server') return this.open('tool').map((record) => entryOf(record, 'name', record.name));
    const { nameOf } = this.#names('tool');
    const entries = this.direct().map((record) => entryOf(record, 'name', this.#shown(record, nameOf)));
    return this.profile.surface === 'direct' ? [...entries, ownEntry(READ_RESULT, LAST)] : [...MENU, ...entries];
  }

  #shown(record: ToolRecord, nameOf: ReadonlyMap<string, string>): string {
    return this.target.kind === 'server' ? record.name : (nameOf.get(record.id) ?? record.name);
  }

  /** The first server in order keeps a URI that several offer. */
  #uris(kind: 'resource' | 'template', member: 'uri' | 'uriTemplate'): ListEntry[] {
    const taken = new Set<string>();
    return this.open(kind).map((record) => {
      const { name, server } = record;
      const isWrapped = this.target.kind === 'profile' && (taken.has(name) || looksWrapped(name));
      taken.add(name);
      return entryOf(record, member, isWrapped ? wrapUri(server, name) : name);
    });
  }
}

function entryOf(
  { id, server, name, fingerprint, definitionJson }: ToolRecord,
  member: 'name' | 'uri' | 'uriTemplate',
  shown: string,
): ListEntry {
  const shownAs = shown === name ? null : { member, value: shown };
  return { id, server, mark: fingerprint, json: definitionJson, shownAs };
}

const ownEntry = (tool: { readonly name: string }, server: string): ListEntry => ({
  id: tool.name,
  server,
  mark: '',
  json: JSON.stringify(tool),
  shownAs: null,
});

const MENU = DISCOVER_MENU.map((tool) => ownEntry(tool, FIRST));

/** The sort is stable, so each server's own order stays. */
function byServer(a: ToolRecord, b: ToolRecord): number {
  if (a.server === b.server) return 0;
  return a.server < b.server ? -1 : 1;
}

const templateOf = (record: ToolRecord): KnownTemplate => ({ record, template: readUriTemplate(record.name) });

function groupBy(
  records: readonly ToolRecord[],
  keysOf: (record: ToolRecord) => readonly string[],
): ReadonlyMap<string, readonly ToolRecord[]> {
  const groups = new Map<string, ToolRecord[]>();
  for (const record of records) {
    for (const key of keysOf(record)) {
      const group = groups.get(key);
      if (group) group.push(record);
      else groups.set(key, [record]);
    }
  }
  return groups;
}

function pagesOf({ definition }: ToolRecord): string[] {
  const meta = definition._meta;
  if (!isObject(meta)) return [];
  const named = [isObject(meta.ui) ? meta.ui.resourceUri : undefined, meta['ui/resourceUri']];
  return [...new Set(named.filter((uri): uri is string => typeof uri === 'string' && uri.startsWith('ui://')))];
}

/** The direct names of all offers of a kind. */
export function directNamesOf(approvals: Pick<Approvals, 'tools'>, kind: 'tool' | 'prompt'): DirectNames {
  const idOf = directNames(approvals.tools({ kind }));
  return { idOf, nameOf: new Map([...idOf].map(([name, id]) => [id, name])) };
}
