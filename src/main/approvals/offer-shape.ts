import type { ToolDefinition } from '@shared/contract/index.ts';
import { assertNever, type OfferKind } from '@shared/words.ts';
import { isObject } from './field-changes.ts';

/** What is strange about an offer's definition without making it unusable. */
export function shapeRemarks(kind: OfferKind, name: string, definition: ToolDefinition): string[] {
  switch (kind) {
    case 'tool':
      return [...schemaRemarks(definition), ...nameRemarks(name)];
    case 'prompt':
      return argumentRemarks(definition.arguments);
    case 'resource':
    case 'template':
      return /^[a-z][a-z0-9+.-]*:/i.test(name) ? [] : ['Its URI has no scheme. Some AI apps may not take it.'];
    default:
      return assertNever(kind);
  }
}

function nameRemarks(name: string): string[] {
  if (/^[A-Za-z0-9_.-]{1,128}$/.test(name)) return [];
  return ['Its name has characters that MCP does not allow. Some AI apps may not take it.'];
}

function schemaRemarks(definition: ToolDefinition): string[] {
  const schema = definition.inputSchema;
  if (schema === undefined) return ['It does not say what input it takes.'];
  const remarks: string[] = [];
  if (schema.type !== 'object') remarks.push('Its input schema is not of type object, as MCP asks for.');
  const { properties, required } = schema;
  if (properties !== undefined && !isObject(properties)) {
    remarks.push('The properties of its input schema are not an object. Calls will be refused.');
  }
  const isList = Array.isArray(required) && required.every((item) => typeof item === 'string');
  if (required !== undefined && !isList) {
    remarks.push('What its input schema requires is not a list of names. Calls will be refused.');
  }
  return remarks;
}

function argumentRemarks(given: unknown): string[] {
  if (given === undefined) return [];
  const isList = Array.isArray(given) && given.every((one) => isObject(one) && typeof one.name === 'string');
  return isList ? [] : ['Its arguments are not a list of names with descriptions, as MCP asks for.'];
}
