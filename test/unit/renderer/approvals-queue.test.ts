import { describe, expect, it } from 'vitest';
import {
  fingerprintsOf,
  neighbourOf,
  type QueueServer,
  queueOf,
} from '../../../src/renderer/features/approvals/queue.ts';
import { searchOf, selectionOf } from '../../../src/renderer/features/approvals/selection.ts';
import { keepPlaces } from '../../../src/renderer/features/servers/steady-groups.ts';
import type { ToolSummary } from '../../../src/shared/contract/index.ts';
import { offerIdOf } from '../../../src/shared/words.ts';

const server = (name: string, approval: QueueServer['approval'] = 'approved', more?: Partial<QueueServer>) => ({
  name,
  approval,
  instructionsState: null,
  catalogId: null,
  kind: 'stdio' as const,
  ...more,
});

const tool = (owner: string, name: string, rest: Partial<ToolSummary> = {}): ToolSummary => ({
  id: offerIdOf(owner, rest.kind ?? 'tool', name),
  kind: 'tool',
  server: owner,
  name,
  title: null,
  description: '',
  state: 'pending',
  heldByServer: false,
  effect: null,
  suggestedEffect: 'read',
  labels: null,
  hidesText: false,
  findingCounts: { serious: 0, note: 0 },
  fingerprint: `print of ${name}`,
  approvedFingerprint: null,
  firstSeenAt: 0,
  changedAt: null,
  decidedAt: null,
  decidedBy: null,
  ...rest,
});

const queue = queueOf(
  [server('zed', 'changed'), server('alpha'), server('beta')],
  [
    tool('alpha', 'b'),
    tool('alpha', 'a'),
    tool('alpha', 'c', { state: 'changed' }),
    tool('beta', 'done', { state: 'approved' }),
    tool('zed', 'held', { heldByServer: true }),
  ],
);

describe('The queue', () => {
  it('has held launches first, and in a server changed tools before new ones', () => {
    expect(queue.order).toEqual(['launch zed', 'alpha:c', 'alpha:a', 'alpha:b']);
  });

  it('has new instructions before the rest of a server, and its tools before its prompts and resources', () => {
    const mixed = queueOf(
      [
        server('alpha', 'approved', { instructionsState: 'pending' }),
        server('beta', 'changed', { instructionsState: 'pending' }),
      ],
      [
        tool('alpha', 'file:///z', { kind: 'resource' }),
        tool('alpha', 'review', { kind: 'prompt' }),
        tool('alpha', 'z'),
        tool('alpha', 'file:///{path}', { kind: 'template', state: 'changed' }),
      ],
    );
    expect(mixed.order).toEqual([
      'launch beta',
      'instructions alpha',
      'alpha#template:file:///{path}',
      'alpha:z',
      'alpha#prompt:review',
      'alpha#resource:file:///z',
    ]);
    expect(selectionOf(mixed, { server: 'alpha' })).toMatchObject({ kind: 'instructions', server: 'alpha' });
    expect(searchOf(mixed, 'instructions alpha')).toEqual({ server: 'alpha' });
    const resource = 'alpha#resource:file:///z';
    expect(selectionOf(mixed, searchOf(mixed, resource))).toEqual({ kind: 'tool', id: resource, server: 'alpha' });
  });

  it('goes on with the next item after a decision, and back at the end', () => {
    expect(neighbourOf(queue.order, 'alpha:c')).toBe('alpha:a');
    expect(neighbourOf(queue.order, 'alpha:b')).toBe('alpha:a');
    expect(neighbourOf(['only'], 'only')).toBeUndefined();
  });

  it('gives the fingerprints that were on the screen', () => {
    expect(fingerprintsOf([tool('alpha', 'a')])).toEqual({ 'alpha:a': 'print of a' });
  });
});

describe('What the address selects', () => {
  it.each([
    [{}, 'launch zed'],
    [{ server: 'alpha' }, 'alpha:c'],
    [{ server: 'alpha', tool: 'b' }, 'alpha:b'],
    [{ server: 'alpha', tool: 'alpha:b' }, 'alpha:b'],
    [{ tool: 'beta:done' }, 'beta:done'],
  ])('%j', (search, id) => {
    expect(selectionOf(queue, search)).toMatchObject({ id });
  });

  it('is a quiet server when nothing of it waits', () => {
    expect(selectionOf(queue, { server: 'beta' })).toEqual({ kind: 'server', server: 'beta' });
  });

  it('leads back to the same item', () => {
    for (const id of queue.order) expect(selectionOf(queue, searchOf(queue, id))).toMatchObject({ id });
  });
});

describe('A list under the pointer', () => {
  it('keeps every row where it is and puts new ones below', () => {
    const held = [{ key: 'a', name: 'a', rows: ['1', '2'] }];
    const current = [
      { key: '0', name: '0', rows: ['new'] },
      { key: 'a', name: 'a', rows: ['2', '3'] },
    ];
    expect(keepPlaces(held, current).map((group) => [group.name, ...group.rows])).toEqual([
      ['a', '1', '2'],
      ['0', 'new'],
      ['a', '3'],
    ]);
  });
});
