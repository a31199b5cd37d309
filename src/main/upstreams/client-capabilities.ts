import { isJsonObject, type JsonObject } from './json-rpc.ts';
import type { ServerQuestion } from './types.ts';

type Declared = Readonly<Record<string, unknown>>;

/** The one extension Gatehouse carries from end to end: MCP Apps. */
const UI_EXTENSION = 'io.modelcontextprotocol/ui';

/**
 * What `initialize` declares. Everything, since servers offer tools by it and one session serves all apps; questions an
 * app cannot answer are answered for it (`Questions`).
 */
export const LEGACY_CAPABILITIES: JsonObject = {
  roots: { listChanged: true },
  sampling: { tools: {}, context: {} },
  elicitation: { form: {}, url: {} },
};

/** What listings of the modern era declare, so that no tool is hidden from those who could use it. */
export const LISTING_CAPABILITIES: JsonObject = {
  roots: {},
  sampling: { tools: {}, context: {} },
  elicitation: { form: {}, url: {} },
  extensions: { [UI_EXTENSION]: { mimeTypes: ['text/html;profile=mcp-app'] } },
};

/** Of what a caller declared, what Gatehouse can carry. */
export function carriedCapabilities(declared: Declared): JsonObject {
  const carried: JsonObject = {};
  for (const capability of ['roots', 'sampling', 'elicitation']) {
    if (isJsonObject(declared[capability])) carried[capability] = declared[capability];
  }
  const extensions = isJsonObject(declared.extensions) ? declared.extensions : {};
  if (isJsonObject(extensions[UI_EXTENSION])) carried.extensions = { [UI_EXTENSION]: extensions[UI_EXTENSION] };
  return carried;
}

/** True when a caller could answer at least one kind of question. */
export function canAnswerSomething(declared: Declared): boolean {
  return isJsonObject(declared.roots) || isJsonObject(declared.sampling) || isJsonObject(declared.elicitation);
}

/** What a caller would have to declare to be asked this and does not; null when it can be asked. */
export function missingFor({ method, params }: ServerQuestion, declared: Declared): string | null {
  switch (method) {
    case 'roots/list':
      return isJsonObject(declared.roots) ? null : 'roots';
    case 'sampling/createMessage': {
      const { sampling } = declared;
      if (!isJsonObject(sampling)) return 'sampling';
      const wantsTools = params.value.tools !== undefined || params.value.toolChoice !== undefined;
      return wantsTools && !isJsonObject(sampling.tools) ? 'sampling with tools' : null;
    }
    case 'elicitation/create': {
      const { elicitation } = declared;
      const { mode = 'form' } = params.value;
      if (!isJsonObject(elicitation)) return 'elicitation';
      // Before 2025-11-25 there was one mode, and `{}` still means it.
      if (mode === 'form')
        return isJsonObject(elicitation.form) || elicitation.url === undefined ? null : 'form elicitation';
      return mode === 'url' && isJsonObject(elicitation.url) ? null : 'this mode of elicitation';
    }
  }
}
