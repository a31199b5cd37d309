/** What the console gives to whoever is not the signed-in person. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Person, personAtTheConsole } from './person.ts';

describe('Somebody who is not signed in', () => {
  let person: Person;
  let origin: string;
  beforeAll(async () => {
    person = await personAtTheConsole();
    origin = new URL(person.page.url()).origin;
  });
  afterAll(() => person?.[Symbol.asyncDispose]());

  it('gets a page that says what to do, and no file of the app', async () => {
    const stranger = await (await person.browser.newContext()).newPage();
    const answered: string[] = [];
    stranger.on('response', (response) => answered.push(`${response.status()} ${new URL(response.url()).pathname}`));
    await stranger.goto(origin);
    await stranger.getByRole('heading', { name: 'This browser is not signed in' }).waitFor();
    expect(await stranger.getByText('gatehouse console').isVisible()).toBe(true);
    expect(await stranger.getByRole('navigation').count()).toBe(0);
    expect(answered.filter((line) => line.startsWith('200') && !line.endsWith('/login.css'))).toEqual([]);

    const files = await person.page.evaluate(() =>
      [...document.querySelectorAll<HTMLScriptElement>('script[src]')].map((script) => script.src),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const file of [...files, `${origin}/index.html`]) expect((await fetch(file)).status).toBe(401);
    await stranger.context().close();
  });

  /** Opens the console's WebSocket the way a program would, and says how far it came. */
  async function knock(headers: Record<string, string>, protocols: string[]): Promise<number | 'open'> {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`, protocols, { headers });
    const { promise, resolve, reject } = Promise.withResolvers<number | 'open'>();
    socket.once('open', () => resolve('open'));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.once('error', reject);
    try {
      return await promise;
    } finally {
      socket.terminate();
    }
  }

  it('opens the WebSocket only with the cookie, the key of the page and the right origin, all three', async () => {
    const cookie = (await person.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const key = await person.page.evaluate(() => localStorage.getItem('gatehouse.page-key'));
    const protocols = ['gatehouse', `key.${key}`];
    expect(await knock({ cookie, origin }, protocols)).toBe('open');
    expect(await knock({ origin }, protocols)).toBe(401);
    expect(await knock({ cookie, origin }, ['gatehouse'])).toBe(401);
    expect(await knock({ cookie, origin }, ['gatehouse', 'key.guessed'])).toBe(401);
    expect(await knock({ cookie, origin: 'http://evil.example' }, protocols)).toBe(403);
    expect(await knock({ cookie, origin: 'http://127.0.0.1:1' }, protocols)).toBe(403);
    expect(await knock({ cookie }, protocols)).toBe(403);
  });

  it('cannot reach it from another page in the very same browser', async () => {
    // A page of another port on this computer: the cookie is sent along, the key and the origin are not its own.
    const elsewhere = await person.context.newPage();
    await elsewhere.route('http://127.0.0.1:9/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>elsewhere</title>' }),
    );
    await elsewhere.goto('http://127.0.0.1:9/');
    const outcome = await elsewhere.evaluate(
      (url) =>
        new Promise<string>((done) => {
          const socket = new window.WebSocket(url, ['gatehouse']);
          socket.onopen = () => done('open');
          socket.onerror = () => done('refused');
        }),
      `${origin.replace('http', 'ws')}/rpc`,
    );
    expect(outcome).toBe('refused');
    const read = await elsewhere.evaluate(
      (url) =>
        fetch(url, { credentials: 'include' }).then(
          () => 'read',
          () => 'refused',
        ),
      origin,
    );
    expect(read).toBe('refused');
    await elsewhere.close();
  });

  it('the app cannot be put into a frame, and its scripts come from itself alone', async () => {
    const cookie = (await person.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const headers = (await fetch(origin, { headers: { cookie } })).headers;
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('content-security-policy')).toContain("script-src 'self'");
    await person.page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.head.append(script);
    });
    expect(await person.page.evaluate(() => 'injected' in window)).toBe(false);
  });
});
