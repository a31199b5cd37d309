/** The window shows our page and nothing else; links that leave go to the system browser, https only. */
import type { App, Session, WebContents } from 'electron';
import { isAppUrl } from './app-url.ts';

/** The address to give to the system browser, or undefined. Parsed first: a string may look like https and not be. */
export function externalUrl(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'https:') return undefined;
  // A name before the host is how `https://github.com@evil.example` is made to look like something else.
  if (parsed.username !== '' || parsed.password !== '') return undefined;
  return parsed.href;
}

type GuardedContents = Pick<WebContents, 'on' | 'setWindowOpenHandler'>;

/** Denies every navigation, frame, redirect, new window and webview of these contents. */
export function guardContents(contents: GuardedContents, openExternal: (url: string) => void): void {
  const openIfExternal = (url: string) => {
    const target = externalUrl(url);
    if (target) openExternal(target);
  };
  contents.on('will-navigate', (event) => {
    // A reload of our own page is a navigation to where it already is.
    if (event.isMainFrame && isAppUrl(event.url)) return;
    event.preventDefault();
    if (event.isMainFrame) openIfExternal(event.url);
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openIfExternal(url);
    return { action: 'deny' };
  });
}

/** Guards every web contents that will ever exist, also those nobody meant to create. */
export function guardAllContents(app: Pick<App, 'on'>, openExternal: (url: string) => void): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents, openExternal));
}

/** Cancels every request that is not for our own files: a second lock behind the content security policy. */
export function blockRemoteLoads(session: {
  readonly webRequest: Pick<Session['webRequest'], 'onBeforeRequest'>;
}): void {
  session.webRequest.onBeforeRequest((details, answer) => {
    const scheme = URL.parse(details.url)?.protocol;
    const isOwn = isAppUrl(details.url) || scheme === 'devtools:' || scheme === 'data:' || scheme === 'blob:';
    answer({ cancel: !isOwn });
  });
}
