import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { disposeBeforeQuit } from '../../../src/main/desktop/quit.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('quitting', () => {
  class App extends EventEmitter {
    codes: number[] = [];
    exit = (code = 0) => void this.codes.push(code);
    quit(): boolean {
      let isPrevented = false;
      this.emit('before-quit', { preventDefault: () => (isPrevented = true) });
      return isPrevented;
    }
  }
  const quitting = (dispose: () => Promise<void>) => {
    const app = new App();
    const errors: unknown[] = [];
    const failed = (error: unknown) => void errors.push(error);
    // The double of `app` has Electron's two members that are used.
    disposeBeforeQuit({ app: app as never, dispose, boundMs: 1000, failed });
    return { app, errors };
  };

  test('waits until everything has stopped, then exits with 0', async () => {
    const { promise, resolve: stopped } = Promise.withResolvers<void>();
    const { app } = quitting(() => promise);
    expect(app.quit()).toBe(true);
    await Promise.resolve();
    expect(app.codes).toEqual([]);
    stopped();
    await vi.waitFor(() => expect(app.codes).toEqual([0]));
  });

  test('stops once, however often it is asked', async () => {
    let times = 0;
    const { app } = quitting(async () => {
      times += 1;
    });
    app.quit();
    expect(app.quit()).toBe(true);
    await vi.waitFor(() => expect(app.codes).toEqual([0]));
    expect(times).toBe(1);
  });

  test('does not wait for ever: after the bound it exits with 1 and says why', async () => {
    vi.useFakeTimers();
    const { app, errors } = quitting(() => new Promise(() => {}));
    app.quit();
    await vi.advanceTimersByTimeAsync(999);
    expect(app.codes).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(app.codes).toEqual([1]);
    expect(String(errors[0])).toContain('Stopping took longer than 1000 ms');
  });

  test('a service that fails to stop does not keep the process', async () => {
    const { app, errors } = quitting(() => Promise.reject(new Error('disk full')));
    app.quit();
    await vi.waitFor(() => expect(app.codes).toEqual([0]));
    expect(String(errors[0])).toContain('disk full');
  });
});
