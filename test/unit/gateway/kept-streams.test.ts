import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { KEPT_MS, MOST_AHEAD } from '../../../src/main/gateway/kept-stream.ts';
import {
  KeptStreams,
  MOST_BYTES_PER_APP,
  MOST_BYTES_PER_SESSION,
  MOST_PER_SESSION,
} from '../../../src/main/gateway/kept-streams.ts';

const responseOf = () => new ServerResponse(new IncomingMessage(new Socket()));

function shelves() {
  const timers = new Set<() => void>();
  let lastId = 0;
  const kept = new KeptStreams({
    newId: () => {
      lastId += 1;
      return `s${lastId}`;
    },
    after: (ms, work) => {
      expect(ms).toBe(KEPT_MS);
      timers.add(work);
      return { [Symbol.dispose]: () => void timers.delete(work) };
    },
  });
  /** A stream whose client has lost the connection. */
  const away = (session: { id: string; app: string }) => {
    const response = responseOf();
    const stream = kept.open(session, response);
    response.emit('close');
    return { id: `s${lastId}`, stream };
  };
  const canResume = (session: string, stream: string) =>
    kept.resume({ id: session }, `${stream}.0`, responseOf()) === 'resumed';
  return { kept, timers, away, canResume };
}
const ann = (id: string) => ({ id, app: 'ann' });
const half = 'h'.repeat(MOST_BYTES_PER_SESSION / 2 - 1024);

describe('kept streams', () => {
  it('of one app have a bound together, whatever the number of its sessions, and take nothing from another app', () => {
    const { away, canResume } = shelves();
    const sessions = Array.from({ length: MOST_BYTES_PER_APP / MOST_BYTES_PER_SESSION }, (_, at) => ann(`a${at}`));
    for (const session of sessions) for (let count = 0; count < 2; count += 1) away(session).stream?.send(half);
    const beyond = away(ann('one more'));
    beyond.stream?.send(half);
    const others = away({ id: 'b', app: 'bob' });
    others.stream?.send(half);
    expect(canResume('one more', beyond.id)).toBe(false);
    expect(canResume('b', others.id)).toBe(true);
    expect(canResume('a0', 's1')).toBe(true);
  });

  it('give their room back, so that it does not run out in a long session', () => {
    const { away, canResume, kept, timers } = shelves();
    for (let round = 0; round < 100; round += 1) {
      const { id, stream } = away(ann('long'));
      stream?.send(half);
      expect(canResume('long', id)).toBe(true);
      if (round % 10 === 9) for (const work of [...timers]) work();
    }
    const last = away(ann('long'));
    kept.forget('long');
    expect(canResume('long', last.id)).toBe(false);
    const { id, stream } = away(ann('next'));
    stream?.send(half);
    expect(canResume('next', id)).toBe(true);
  });

  it('take no more room the longer they are: what has made way gives it back', () => {
    const { kept } = shelves();
    const response = responseOf();
    // A client that reads at once.
    Object.defineProperty(response, 'writableLength', { value: 0 });
    response.write = () => true;
    const stream = kept.open(ann('s'), response);
    const events = 3 * Math.ceil(MOST_BYTES_PER_SESSION / MOST_AHEAD);
    for (let at = 0; at < events; at += 1) stream?.notify('n'.repeat(MOST_AHEAD * 0.9));
    response.emit('close');
    expect(kept.resume({ id: 's' }, `s1.${events - 1}`, responseOf())).toBe('resumed');
    expect(kept.resume({ id: 's' }, 's1.0', responseOf())).toBe('gone');
  });

  it('leave no timer and tell who waits when the session ends', () => {
    const { away, kept, timers } = shelves();
    const gone: number[] = [];
    for (let at = 0; at < MOST_PER_SESSION; at += 1) {
      const { stream } = away(ann('s'));
      stream?.onGone(() => gone.push(at));
    }
    expect(kept.open(ann('s'), responseOf())).toBeUndefined();
    expect(timers.size).toBe(MOST_PER_SESSION);
    kept.forget('s');
    expect(timers.size).toBe(0);
    expect(gone).toHaveLength(MOST_PER_SESSION);
    expect(away(ann('s')).stream?.notify('{}')).toBe(true);
  });

  it('go on when the session has ended, as long as the connection lasts', () => {
    const { kept, timers } = shelves();
    const response = responseOf();
    const stream = kept.open(ann('s'), response);
    let gone = 0;
    stream?.onGone(() => {
      gone += 1;
    });
    kept.forget('s');
    expect([stream?.notify('{}'), gone]).toEqual([true, 0]);
    response.emit('close');
    expect([stream?.notify('{}'), gone]).toEqual([false, 1]);
    expect(timers.size).toBe(0);
  });
});
