import { describe, expect, it } from 'vitest';
import { Disturbances } from '../../soak/disturbances.ts';

describe('A disturbance of a server', () => {
  it('explains failures of that server from the kill until a later call succeeds', () => {
    const disturbances = new Disturbances();
    disturbances.note('raw', 100);
    expect(disturbances.explain('raw', 50, 90)).toBe(false);
    expect(disturbances.explain('raw', 50, 120)).toBe(true);
    expect(disturbances.explain('web', 50, 120)).toBe(false);
    disturbances.noteSuccess('raw', 150, 200);
    expect(disturbances.explain('raw', 190, 400)).toBe(true);
    expect(disturbances.explain('raw', 201, 400)).toBe(false);
  });

  it('is not over by the success of a call that began before it', () => {
    const disturbances = new Disturbances();
    disturbances.note('raw', 100);
    disturbances.noteSuccess('raw', 90, 110);
    expect(disturbances.explain('raw', 500, 600)).toBe(true);
  });
});
