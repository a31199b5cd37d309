import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AdminEntry } from '../../../src/main/audit/index.ts';
import { createGate, type GateTimers, pauseFor } from '../../../src/main/policy/index.ts';
import { gateDatabase, keptIn } from '../../fixtures/gateway.ts';

/** A clock that moves only when told, and runs what is due. */
function handClock(start = 1_000) {
  let now = start;
  let due: { at: number; callback: () => void }[] = [];
  const timers: GateTimers = {
    set(callback, ms) {
      const timer = { at: now + ms, callback };
      due.push(timer);
      return timer;
    },
    clear(timer) {
      due = due.filter((one) => one !== timer);
    },
  };
  return {
    timers,
    clock: () => now,
    advance(ms: number) {
      now += ms;
      for (const timer of due.filter((one) => one.at <= now)) {
        timers.clear(timer);
        timer.callback();
      }
    },
    waiting: () => due.length,
  };
}

describe('the gate', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'gatehouse-gate-'));
    file = join(dir, 'gate.db');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function open(time = handClock(), notes: AdminEntry[] = []) {
    const isNew = !existsSync(file);
    const db = gateDatabase(file);
    const gate = createGate({
      kept: keptIn(db, isNew),
      clock: time.clock,
      timers: time.timers,
      audit: { note: (entry) => void notes.push(entry) },
    });
    return { gate, db, time, notes };
  }

  it('is open in a new installation', () => {
    const { gate } = open();
    expect(gate.state()).toEqual({ paused: false, since: null, until: null, by: null, apps: {}, cancelledCalls: 0 });
    expect(gate.signalFor('ann').aborted).toBe(false);
  });

  it('aborts every app at a pause and gives a fresh signal after the resume', () => {
    const { gate } = open();
    const [ann, bob] = [gate.signalFor('ann'), gate.signalFor('bob')];
    gate.pause('tray');
    expect([ann.aborted, bob.aborted, gate.signalFor('ann').aborted]).toEqual([true, true, true]);
    gate.resume('tray');
    expect(gate.signalFor('ann').aborted).toBe(false);
  });

  it('pauses one app and leaves the others alone', () => {
    const { gate } = open();
    const [ann, bob] = [gate.signalFor('ann'), gate.signalFor('bob')];
    gate.pause('window', { app: 'ann' });
    expect([ann.aborted, bob.aborted]).toEqual([true, false]);
    expect(pauseFor(gate.state(), 'ann', 0)).toEqual({ until: null });
    expect(pauseFor(gate.state(), 'bob', 0)).toBeNull();
    gate.pause('window');
    gate.resume('window');
    expect(pauseFor(gate.state(), 'ann', 0)).toEqual({ until: null });
    gate.resume('window', { app: 'ann' });
    expect(gate.state().apps).toEqual({});
  });

  it('keeps a pause over a restart, by whom and until when', () => {
    const first = open();
    first.gate.pause('cli', { forMs: 5_000 });
    const state = first.gate.state();
    first.gate[Symbol.dispose]();
    first.db.close();
    const second = open();
    expect(second.gate.state()).toEqual(state);
    expect(second.gate.signalFor('ann').aborted).toBe(true);
    expect(second.time.waiting()).toBe(1);
  });

  it('opens by itself when the time has passed, and writes that into the log', () => {
    const { gate, time, notes } = open();
    const states: boolean[] = [];
    gate.onChange((state) => states.push(state.paused));
    gate.pause('tray', { forMs: 5_000 });
    time.advance(4_999);
    expect(gate.state().paused).toBe(true);
    time.advance(1);
    expect(gate.state()).toMatchObject({ paused: false, until: null, by: null });
    expect(states).toEqual([true, false]);
    expect(notes.map((note) => `${note.actor} ${note.action}`)).toEqual(['tray gate.pause', 'system gate.resume']);
  });

  it('opens at the start when the time passed while Gatehouse was not running', () => {
    const first = open();
    first.gate.pause('tray', { forMs: 5_000 });
    first.gate.pause('tray', { app: 'ann', forMs: 5_000 });
    first.db.close();
    const { gate } = open(handClock(10_000));
    expect(gate.state()).toMatchObject({ paused: false, apps: {} });
  });

  it('reaches an end that is further away than a timer can wait', () => {
    const { gate, time } = open();
    const forMs = 2 ** 32;
    gate.pause('tray', { forMs });
    time.advance(2 ** 31);
    expect(gate.state().paused).toBe(true);
    time.advance(2 ** 31);
    expect(gate.state().paused).toBe(false);
  });

  it('counts the calls a pause cancelled', () => {
    const { gate, notes } = open();
    for (const app of ['ann', 'ann', 'bob']) {
      gate.signalFor(app).addEventListener('abort', () => gate.noteCancelled());
    }
    expect(gate.pause('tray').cancelledCalls).toBe(3);
    expect(notes[0]?.facts).toMatchObject({ cancelledCalls: 3 });
    gate.resume('tray');
    expect(gate.pause('tray').cancelledCalls).toBe(0);
  });

  it('stays paused when the log cannot record that it is opened', () => {
    const time = handClock();
    const { db, gate: before } = open(time);
    before.pause('tray');
    before.pause('tray', { app: 'ann' });
    const audit = {
      note: () => {
        throw new Error('disk full');
      },
    };
    const gate = createGate({ kept: keptIn(db, false), clock: time.clock, timers: time.timers, audit });
    expect(() => gate.resume('window')).toThrow('disk full');
    expect(() => gate.resume('window', { app: 'ann' })).toThrow('disk full');
    expect(gate.state()).toMatchObject({ paused: true, apps: { ann: {} } });
  });

  it('still pauses when neither the database nor the log can be written', () => {
    const db = gateDatabase(file);
    const { clock, timers } = handClock();
    const audit = {
      note: () => {
        throw new Error('disk full');
      },
    };
    const gate = createGate({ kept: keptIn(db, true), clock, timers, audit });
    const signal = gate.signalFor('ann');
    db.close();
    expect(gate.pause('tray').paused).toBe(true);
    expect(signal.aborted).toBe(true);
  });

  it.each([
    ['holds text that is not JSON', "UPDATE kept_state SET value = '{'"],
    ['holds something else', `UPDATE kept_state SET value = '{"paused":"no"}'`],
    [
      'was opened by another program',
      `UPDATE kept_state SET value = replace(value, '"paused":true', '"paused":false')`,
    ],
    ['was taken away', 'DELETE FROM kept_state'],
  ])('starts paused when the stored switch %s', (_what, sql) => {
    const before = open();
    before.gate.pause('tray');
    before.db.exec(sql);
    before.db.close();
    const { gate } = open();
    expect(gate.state()).toMatchObject({ paused: true, by: 'system', until: null });
  });

  it('starts paused when the switch was taken away from a gate nobody ever paused', () => {
    const before = open();
    before.db.exec('DELETE FROM kept_state');
    before.db.close();
    expect(open().gate.state().paused).toBe(true);
  });

  it.each(['cli', 'file'] as const)('%s cannot end a pause by asking for a shorter one', (by) => {
    const { gate, time } = open();
    gate.pause('tray');
    gate.pause('window', { app: 'ann', forMs: 60_000 });
    gate.pause(by, { forMs: 1 });
    gate.pause(by, { app: 'ann', forMs: 1 });
    time.advance(59_999);
    expect(gate.state()).toMatchObject({ paused: true, until: null });
    gate.resume('tray');
    expect(pauseFor(gate.state(), 'ann', time.clock())).not.toBeNull();
  });

  it('the command line may make a pause longer, and a person may make it shorter', () => {
    const { gate, time } = open();
    gate.pause('tray', { forMs: 1_000 });
    expect(gate.pause('cli', { forMs: 5_000 }).until).toBe(time.clock() + 5_000);
    expect(gate.pause('cli').until).toBeNull();
    expect(gate.pause('tray', { forMs: 1_000 }).until).toBe(time.clock() + 1_000);
  });

  it('is not confused by apps named like parts of every object', () => {
    const { gate } = open();
    for (const app of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(pauseFor(gate.state(), app, 0)).toBeNull();
      expect(gate.resume('window', { app }).apps).toEqual({});
    }
  });
});
