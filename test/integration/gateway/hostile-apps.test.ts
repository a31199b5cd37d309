/** What one app, or a program without a token, must not be able to do to the others. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../doubles/rooms.ts';
import { goodHeaders, modern, type RunningGateway, startGateway } from '../../fixtures/gateway.ts';

describe('the endpoint, used by somebody hostile', () => {
  let running: RunningGateway;
  const logged: string[] = [];
  const hangUp = new AbortController();
  beforeEach(async () => {
    const log = {
      ...silentLog,
      warn: (facts: object, message: string) => void logged.push(JSON.stringify([facts, message])),
    };
    running = await startGateway({ options: { log } });
  });
  afterEach(async () => {
    hangUp.abort();
    await running[Symbol.asyncDispose]();
  });

  /** Opens a subscription and gives the type of what comes back: a stream, or an answer that says no. */
  async function listen(token: string): Promise<string | null> {
    const request = modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const response = await fetch(running.endpoint, {
      method: 'POST',
      headers: { ...goodHeaders, ...request.headers, authorization: `Bearer ${token}` },
      body: JSON.stringify(request.body),
      signal: hangUp.signal,
    });
    return response.headers.get('content-type');
  }

  it('lets no app take every stream for itself', async () => {
    const opened = await Promise.all(Array.from({ length: 140 }, () => listen('token-ann')));
    expect(opened.filter((type) => type === 'text/event-stream')).toHaveLength(128);
    expect(await listen('token-bob')).toBe('text/event-stream');
  });

  it('keeps a token that a client put into the address out of its own log', async () => {
    const answer = await fetch(`${running.endpoint}?access_token=gh_very-secret`, {
      method: 'POST',
      headers: goodHeaders,
    });
    expect(answer.status).toBe(400);
    expect(logged.join()).toContain('turned away');
    expect(logged.join()).not.toContain('very-secret');
  });
});
