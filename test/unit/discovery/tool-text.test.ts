import { describe, expect, test } from 'vitest';
import { textBounds, toolTextOf } from '../../../src/main/discovery/tool-text.ts';
import { tool } from './tools.ts';

describe('what the index reads of a tool', () => {
  test('parameters are found in objects, arrays and alternatives', () => {
    const text = toolTextOf(
      tool('a:b', '', {
        inputSchema: {
          properties: {
            owner: { type: 'string', description: 'Account' },
            filter: { anyOf: [{ properties: { since: { description: 'Start date' } } }, { type: 'null' }] },
            items: { type: 'array', items: { properties: { sku: { enum: ['red', 'blue'] } } } },
          },
        },
      }),
    );
    expect(text?.parameterNames).toEqual(['owner', 'filter', 'items', 'since', 'sku']);
    expect(text?.parameterText).toBe('Account Start date red blue');
  });

  test('no text is read past its bound', () => {
    const million = 'x'.repeat(1_000_000);
    const text = toolTextOf({
      ...tool('s:t', million),
      name: million,
      title: million,
      inputSchema: { properties: { [million]: { description: million } } },
    });
    expect(text).toBeDefined();
    expect(JSON.stringify(text).length).toBeLessThan(textBounds.description + textBounds.parameterText + 2_000);
  });

  test('a schema that never ends is read to a bound', () => {
    const endless: Record<string, unknown> = {};
    endless.properties = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`p${at}`, endless]));
    expect(toolTextOf(tool('a:b', '', { inputSchema: endless }))?.parameterNames).toHaveLength(textBounds.parameters);
    const circular: Record<string, unknown> = {};
    circular.items = circular;
    circular.anyOf = Array.from({ length: 100 }, () => circular);
    expect(toolTextOf(tool('a:b', '', { inputSchema: circular }))?.parameterNames).toEqual([]);
  });

  test('schemas of the wrong shape are no schemas', () => {
    for (const inputSchema of [
      { properties: [1] },
      { properties: 'x' },
      { items: 7, anyOf: { a: 1 } },
      { properties: { a: null } },
    ]) {
      expect(toolTextOf(tool('a:b', '', { inputSchema }))).toBeDefined();
    }
    expect(
      toolTextOf(tool('a:b', '', { inputSchema: JSON.parse('{"properties":{"__proto__":{"description":"hm"}}}') }))
        ?.parameterNames,
    ).toEqual(['__proto__']);
  });

  test('a tool whose id could not be handed out is left out', () => {
    expect(toolTextOf(tool(`a:${'n'.repeat(2_000)}`))).toBeUndefined();
  });
});
