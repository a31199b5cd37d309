/** The renderer's built files, as the only paths the console serves. */
import { readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

export interface RendererFile {
  readonly path: string;
  readonly contentType: string;
  /** Built files carry a hash of their content in the name, so a browser may keep them for ever. */
  readonly immutable: boolean;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/**
 * Lists the folder once, keyed by URL path. A request can then only name what is in the list; there is no path arithmetic
 * on what a client sent. Links and files of other types are left out.
 */
export async function listRendererFiles(root: string): Promise<ReadonlyMap<string, RendererFile>> {
  const files = new Map<string, RendererFile>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const contentType = contentTypes[extname(entry.name)];
    if (!entry.isFile() || contentType === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const urlPath = `/${relative(root, path).split(sep).map(encodeURIComponent).join('/')}`;
    files.set(urlPath, { path, contentType, immutable: urlPath.startsWith('/assets/') });
  }
  const index = files.get('/index.html');
  if (!index) throw new Error(`${root} has no index.html. Build Gatehouse first: npm run build.`);
  files.set('/', index);
  return files;
}
