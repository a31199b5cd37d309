export interface DiffPart<Item> {
  kind: 'same' | 'added' | 'removed';
  item: Item;
}

/** Above this product of lengths the middle counts as replaced: a hostile text must not freeze the window. */
const largestTable = 4_000_000;

function commonStart<Item>(before: readonly Item[], after: readonly Item[]): number {
  const most = Math.min(before.length, after.length);
  let length = 0;
  while (length < most && before[length] === after[length]) length += 1;
  return length;
}

function middle<Item>(before: readonly Item[], after: readonly Item[]): DiffPart<Item>[] {
  const replaced = (): DiffPart<Item>[] => [
    ...before.map((item) => ({ kind: 'removed' as const, item })),
    ...after.map((item) => ({ kind: 'added' as const, item })),
  ];
  if (before.length === 0 || after.length === 0 || before.length * after.length > largestTable) return replaced();
  const width = after.length + 1;
  // Longest common subsequence, from the ends to the starts.
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        before[i] === after[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const parts: DiffPart<Item>[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const left = before[i];
    const right = after[j];
    if (i < before.length && j < after.length && left === right) {
      parts.push({ kind: 'same', item: left as Item });
      i += 1;
      j += 1;
    } else if (
      i < before.length &&
      (j === after.length || (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))
    ) {
      parts.push({ kind: 'removed', item: left as Item });
      i += 1;
    } else {
      parts.push({ kind: 'added', item: right as Item });
      j += 1;
    }
  }
  return parts;
}

/** What stayed, left and came between two lists of comparable things: arguments, lines, words. */
export function diffSequence<Item>(before: readonly Item[], after: readonly Item[]): DiffPart<Item>[] {
  const start = commonStart(before, after);
  const restBefore = before.slice(start);
  const restAfter = after.slice(start);
  const end = commonStart(restBefore.toReversed(), restAfter.toReversed());
  return [
    ...before.slice(0, start).map((item) => ({ kind: 'same' as const, item })),
    ...middle(restBefore.slice(0, restBefore.length - end), restAfter.slice(0, restAfter.length - end)),
    ...restAfter.slice(restAfter.length - end).map((item) => ({ kind: 'same' as const, item })),
  ];
}
