/** `gatehouse://` links. Any web page can open one, so a link shows a place and never does anything. */

export const linkScheme = 'gatehouse';

/** The places a link may open, and the renderer's route of each. */
const places: Readonly<Record<string, string>> = {
  home: '/',
  approvals: '/approvals',
  activity: '/activity',
  servers: '/servers',
  catalog: '/catalog',
  apps: '/apps',
  settings: '/settings',
};

/** A route for `gatehouse://<place>`; undefined for anything else. Path, query and fragment are ignored. */
export function routeForLink(link: string): string | undefined {
  const parsed = URL.parse(link);
  if (parsed?.protocol !== `${linkScheme}:`) return undefined;
  // The host of a scheme the URL standard does not know keeps its case.
  const place = parsed.hostname.toLowerCase();
  return Object.hasOwn(places, place) ? places[place] : undefined;
}
