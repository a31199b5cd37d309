/** Answers `app://gatehouse/…` with the files of the built renderer, and nothing else. */
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { CustomScheme } from 'electron';
import { appScheme, isAppUrl } from './app-url.ts';

/** Registered before the app is ready. Standard and secure: an origin with storage, fetch and module scripts. */
export const appSchemeRegistration: CustomScheme = {
  scheme: appScheme,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/**
 * Stricter than the page's own meta tag: in the window nothing is fetched from anywhere, because every answer comes
 * through the MessagePort. Styles keep 'unsafe-inline': Radix and sonner insert style elements.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'none'",
  "worker-src 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** The file an address names, or undefined when it would leave the folder or is of a kind the renderer has none of. */
export function fileForUrl(folder: string, url: string): string | undefined {
  if (!isAppUrl(url)) return undefined;
  let path: string;
  try {
    path = decodeURIComponent(new URL(url).pathname);
  } catch {
    return undefined;
  }
  // Backslashes and drive letters mean something on Windows, a zero byte ends a path in C.
  if (/[\\:\0]/.test(path)) return undefined;
  const root = normalize(`${folder}${sep}`);
  const file = join(root, path);
  if (!file.startsWith(root) || contentTypes[extname(file)] === undefined) return undefined;
  return file;
}

/** The handler for `protocol.handle`. `folder` is the built renderer, absolute. */
export function serveRenderer(folder: string): (request: Pick<Request, 'method' | 'url'>) => Promise<Response> {
  const notFound = () => new Response('Not found.', { status: 404, headers });
  return async ({ method, url }) => {
    if (method !== 'GET') return new Response('Only GET.', { status: 405, headers });
    const file = fileForUrl(folder, url);
    if (!file) return notFound();
    try {
      const type = contentTypes[extname(file)] ?? 'application/octet-stream';
      return new Response(await readFile(file), { headers: { ...headers, 'Content-Type': type } });
    } catch {
      return notFound();
    }
  };
}
