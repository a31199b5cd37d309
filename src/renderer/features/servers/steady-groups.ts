import { useState } from 'react';

/** Rows under a heading. Rows are ids; what they show is looked up when they are drawn. */
export interface RowGroup {
  key: string;
  /** What the heading stands for: a server, a state. */
  name: string;
  rows: readonly string[];
}

/** Everything keeps its place; what is new comes below, under its own heading. */
export function keepPlaces(held: readonly RowGroup[], current: readonly RowGroup[]): RowGroup[] {
  const known = new Set(held.flatMap((group) => group.rows));
  const arrived = current
    .map((group) => ({
      key: `${group.key}, new`,
      name: group.name,
      rows: group.rows.filter((row) => !known.has(row)),
    }))
    .filter((group) => group.rows.length > 0);
  return [...held, ...arrived];
}

/**
 * While the pointer is over a list no row moves away from under it. Spread `hold` on the container. A new `question`
 * (filter, search) is a new list.
 */
export function useSteadyGroups(current: readonly RowGroup[], question = '') {
  const [held, setHeld] = useState<{ groups: readonly RowGroup[]; question: string } | null>(null);
  const groups = held?.question === question ? keepPlaces(held.groups, current) : current;
  return {
    groups,
    hold: {
      onPointerEnter: () => setHeld({ groups: current, question }),
      onPointerLeave: () => setHeld(null),
    },
  };
}
