/** Where the window's page lives: a scheme of our own, so that it has an origin and no reach into the file system. */

export const appScheme = 'app';
export const appOrigin = 'app://gatehouse';

/** The address of the page, at a route of the renderer, e.g. `/approvals`. */
export function appPageUrl(route = '/'): string {
  return `${appOrigin}/index.html#${route}`;
}

/** True for an address inside our own page's origin; compares parsed parts, not prefixes. */
export function isAppUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.protocol === `${appScheme}:` && parsed.host === 'gatehouse';
}
