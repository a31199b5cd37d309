/** What an offer means for a session's flow of data, as far as its own words tell. A person has the last word. */
import type { ToolDefinition } from '@shared/contract/index.ts';
import { assertNever, type FlowLabel, flowLabelSchema, type OfferKind } from '@shared/words.ts';
import { suggestEffect, wordsOfIdentifier } from './suggest-effect.ts';

export interface LabelSuggestion {
  readonly label: FlowLabel;
  /** One sentence for the person: what the suggestion rests on. */
  readonly reason: string;
  /** It rests on the tool doing more than read: not for one that a person approved as `read`. */
  readonly ifItWrites: boolean;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Things that strangers write, or can write into. */
const STRANGERS = words(
  'web webpage website page url html browser browse crawl scrape internet online news article feed rss tweet post posts reddit forum comment comments review reviews email emails mail inbox gmail imap message messages chat slack discord telegram whatsapp sms issue issues ticket tickets pull pr prs discussion wiki notification notifications transcript listing search_results',
);
/** Things that are not public. */
const PRIVATE = words(
  'file files filesystem directory folder disk document documents doc docs drive notes note vault email emails mail inbox gmail imap message messages chat slack telegram whatsapp sms calendar event events contact contacts customer customers database db sql table tables query row rows record records schema repository repo repos commit commits branch code secret secrets credential credentials env environment config log logs history memory password passwords key keys invoice invoices payment payments account accounts order orders bank patient employee user users profile private local clipboard screenshot',
);
/** What gives something: a tool that only acts reads nothing into the session. */
const GIVES = words(
  'get list search read find fetch execute show describe view lookup query count check inspect browse retrieve explain summarize summarise compare diff download export analyze analyse preview head tail grep peek print info snapshot screenshot tree cat open navigate visit crawl scrape extract select load import request scan receive recall ask',
);
/** What carries something to somebody. */
const CARRIES = words(
  'send post publish push upload share email mail notify tweet reply comment message invite submit webhook dispatch broadcast forward transmit deploy request curl http fetch navigate pay transfer',
);
/** Objects that others read, whoever makes them: an issue, a page, a pull request. */
const SHARED_THINGS = words(
  'issue issues comment comments pull pr gist release page wiki post message messages email mail tweet ticket discussion webhook event invite review',
);
/** Inputs that say where something goes. */
const ADDRESS_INPUTS = words(
  'url uri endpoint webhook webhook_url recipient recipients to email channel channel_id chat_id phone host',
);
/** Inputs that can carry a whole program. */
const PROGRAM_INPUTS = words('command cmd script code shell');

/** Suggestions in the order of the labels; empty when nothing speaks for one. Pure. */
export function suggestLabels(kind: OfferKind, definition: ToolDefinition): readonly LabelSuggestion[] {
  switch (kind) {
    case 'tool':
      return ofTool(definition);
    case 'resource':
    case 'template':
      return ofResource(String(definition.uri ?? definition.uriTemplate ?? ''));
    case 'prompt':
      return [];
    default:
      return assertNever(kind);
  }
}

function ofResource(uri: string): LabelSuggestion[] {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') {
    return [{ label: 'untrusted-source', reason: 'Its address is on the web.', ifItWrites: false }];
  }
  // Pages for the app to show are the server's own.
  if (scheme === undefined || scheme === 'ui') return [];
  return [{ label: 'private-source', reason: `Its address (${scheme}:) is none of the web's.`, ifItWrites: false }];
}

function ofTool(definition: ToolDefinition): LabelSuggestion[] {
  const found = new Map<FlowLabel, string>();
  let ifItWrites = false;
  const name = wordsOfIdentifier(definition.name);
  const title = wordsOfIdentifier(definition.title ?? '');
  const said = [...name, ...title, ...firstSentence(definition.description ?? '')];
  const { openWorldHint, readOnlyHint } = definition.annotations ?? {};
  const inputs = inputNames(definition);
  const effect = suggestEffect(definition).effect;
  const gives = readOnlyHint === true || effect === 'read' || name.some((word) => GIVES.has(word));
  const program = inputs.find((input) => PROGRAM_INPUTS.has(input));

  const stranger = said.find((word) => STRANGERS.has(word));
  if (gives && stranger !== undefined) found.set('untrusted-source', `It reads, and speaks of "${stranger}".`);
  else if (gives && openWorldHint === true) {
    found.set('untrusted-source', 'The server says that it deals with the world outside.');
  }
  const own = said.find((word) => PRIVATE.has(word));
  if (gives && own !== undefined) found.set('private-source', `It reads, and speaks of "${own}".`);
  if (program !== undefined) found.set('private-source', `Its input ${program} can read whatever this computer can.`);

  const sink = sinkReason(name, inputs, effect !== 'read', openWorldHint);
  if (sink !== null) {
    found.set('outward-sink', sink.reason);
    ifItWrites = sink.ifItWrites;
  }
  if (program !== undefined) {
    found.set('outward-sink', `Its input ${program} can send whatever it is given.`);
    ifItWrites = false;
  }
  return flowLabelSchema.options.flatMap((label) => {
    const reason = found.get(label);
    return reason === undefined ? [] : [{ label, reason, ifItWrites: ifItWrites && label === 'outward-sink' }];
  });
}

function sinkReason(
  name: readonly string[],
  inputs: readonly string[],
  changes: boolean,
  openWorldHint: boolean | undefined,
): { readonly reason: string; readonly ifItWrites: boolean } | null {
  const address = inputs.find((input) => ADDRESS_INPUTS.has(input));
  const carries = name.find((word) => CARRIES.has(word));
  if (carries !== undefined && (changes || address !== undefined)) {
    return { reason: `Its name says "${carries}".`, ifItWrites: false };
  }
  const thing = changes ? name.find((word) => SHARED_THINGS.has(word)) : undefined;
  if (thing !== undefined) {
    return { reason: `It writes, and its name says "${thing}", which others read.`, ifItWrites: true };
  }
  if (address === 'url' || address === 'uri' || address === 'endpoint') {
    return { reason: `Its input ${address} can carry data to any address.`, ifItWrites: false };
  }
  if (changes && openWorldHint === true) {
    return { reason: 'It writes, and the server says that it deals with the world outside.', ifItWrites: true };
  }
  return null;
}

/** What a description goes on about comes first; "do not use this for email" comes later. */
function firstSentence(description: string): string[] {
  const sentence = description.slice(0, 300).split(/[.!?\n]/)[0] ?? '';
  return sentence
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function inputNames({ inputSchema }: ToolDefinition): string[] {
  const properties = inputSchema?.properties;
  return typeof properties === 'object' && properties !== null
    ? Object.keys(properties).map((name) => name.toLowerCase())
    : [];
}
