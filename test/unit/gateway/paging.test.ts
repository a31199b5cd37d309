import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cutPage } from '../../../src/main/gateway/paging.ts';
import { createResultStore, type KeptResult } from '../../../src/main/gateway/result-store.ts';

/** Any text, also with halves of characters alone, as JSON may carry them. */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 200 }).map((units) => String.fromCharCode(...units)),
  fc.array(fc.constantFrom('a', '😀', '\ud83d', '\ude00', 'é'), { maxLength: 100 }).map((parts) => parts.join('')),
);
const limit = fc.integer({ min: 1, max: 40 });

/** True when the cut separates the two halves of one character. */
const splits = (text: string, at: number): boolean =>
  /[\ud800-\udbff]$/.test(text.slice(0, at)) && /^[\udc00-\udfff]/.test(text.slice(at));

describe('cutPage', () => {
  it('gives pages that follow each other, together exactly the text, and never split a character', () => {
    fc.assert(
      fc.property(anyText, limit, (text, limit) => {
        let joined = '';
        let offset = 0;
        while (offset < text.length) {
          const { start, end } = cutPage(text, offset, limit);
          expect(start).toBe(offset);
          expect(end).toBeGreaterThan(start);
          expect(end - start).toBeLessThanOrEqual(Math.max(limit, 2));
          expect(splits(text, end)).toBe(false);
          joined += text.slice(start, end);
          offset = end;
        }
        expect(joined).toBe(text);
      }),
    );
  });

  it('moves a start inside a character back to its beginning', () => {
    expect(cutPage('a😀b', 2, 10)).toEqual({ start: 1, end: 4 });
  });
});

describe('the result store', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'gatehouse-results-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const folder = () => join(dir, 'results');
  async function kept(store: ReturnType<typeof createResultStore>, text: string): Promise<KeptResult> {
    const handle = await store.keep('ann', text);
    const result = store.find('ann', handle ?? '');
    if (!result) throw new Error('The result was not kept');
    return result;
  }

  it('pages any text without loss', async () => {
    await using store = createResultStore({ dir: folder(), clock: Date.now });
    await fc.assert(
      fc.asyncProperty(anyText, limit, async (text, limit) => {
        const result = await kept(store, text);
        let joined = '';
        for (let offset = 0; offset < text.length; ) {
          const page = await result.page(offset, limit);
          expect(page.text).toBe(text.slice(page.start, page.end));
          expect(splits(text, page.end)).toBe(false);
          joined += page.text;
          offset = page.end;
        }
        expect(joined).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it('finds words ignoring case, at their true offsets, also across its own reading steps', async () => {
    await using store = createResultStore({ dir: folder(), clock: Date.now });
    const step = 1024 * 1024;
    const text = `${'😀'.repeat(step / 2 - 2)}xNEEDLE.*y${'z'.repeat(100)}needle.*`;
    const { matches, more } = await (await kept(store, text)).search('Needle.*', 0);
    expect(matches.map((match) => match.offset)).toEqual([text.indexOf('NEEDLE'), text.indexOf('needle')]);
    expect(more).toBe(false);
    for (const match of matches) expect(match.context.toLowerCase()).toContain('needle.*');
  });

  it('gives at most twenty places and says that there are more', async () => {
    await using store = createResultStore({ dir: folder(), clock: Date.now });
    const result = await kept(store, 'ab'.repeat(50));
    const first = await result.search('a', 0);
    expect([first.matches.length, first.more]).toEqual([20, true]);
    const rest = await result.search('a', 60);
    expect([rest.matches.length, rest.more]).toEqual([20, false]);
  });

  it('gives a result to nobody but the app that received its beginning', async () => {
    await using store = createResultStore({ dir: folder(), clock: Date.now });
    const handle = (await store.keep('ann', 'secret')) ?? '';
    expect(store.find('bob', handle)).toBeUndefined();
    expect(store.find('ann', `${handle}x`)).toBeUndefined();
    expect(store.find('ann', '../gatehouse.db')).toBeUndefined();
    expect(handle.length).toBeGreaterThan(30);
  });

  it('keeps files for the owner only, forgets them after an hour and removes them at the end', async () => {
    let now = 0;
    const store = createResultStore({ dir: folder(), clock: () => now });
    const handle = (await store.keep('ann', 'text')) ?? '';
    const [file = ''] = readdirSync(folder());
    expect(statSync(join(folder(), file)).mode & 0o777).toBe(0o600);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    now = 3_600_000;
    expect(store.find('ann', handle)).toBeUndefined();
    await store.keep('ann', 'next');
    expect(readdirSync(folder())).toHaveLength(1);
    await store[Symbol.asyncDispose]();
    expect(() => readdirSync(folder())).toThrow('ENOENT');
  });

  it('lets the oldest go when its capacity is reached, and refuses what is larger than all of it', async () => {
    await using store = createResultStore({ dir: folder(), clock: Date.now, capacity: 100 });
    const handles = [];
    for (const text of ['a', 'b', 'c']) handles.push(await store.keep('ann', text.repeat(20)));
    expect(handles.map((handle) => store.find('ann', handle ?? '') !== undefined)).toEqual([false, true, true]);
    expect(await store.keep('ann', 'x'.repeat(51))).toBeNull();
  });

  it('removes what an earlier run left behind', async () => {
    const first = createResultStore({ dir: folder(), clock: Date.now });
    await first.keep('ann', 'left');
    await using second = createResultStore({ dir: folder(), clock: Date.now });
    await second.keep('ann', 'new');
    expect(readdirSync(folder())).toHaveLength(1);
    await first[Symbol.asyncDispose]();
  });
});
