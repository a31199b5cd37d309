import { createHashHistory, createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { ActivityPage } from './features/activity/index.ts';
import { ApprovalsPage } from './features/approvals/index.ts';
import { AppsPage } from './features/apps/index.ts';
import { CatalogPage } from './features/catalog/index.ts';
import { HomePage } from './features/home/index.ts';
import { PolicyPage } from './features/policy/index.ts';
import { ServerPage, ServersPage } from './features/servers/index.ts';
import { SettingsPage } from './features/settings/index.ts';
import { Shell } from './shell/shell.tsx';

/** The named text values of a query string; everything else in it is ignored. */
function textOf<Key extends string>(search: Record<string, unknown>, ...keys: Key[]): Partial<Record<Key, string>> {
  const found: Partial<Record<Key, string>> = {};
  for (const key of keys) {
    const value = search[key];
    if (typeof value === 'string' && value !== '') found[key] = value;
  }
  return found;
}

const root = createRootRoute({ component: Shell });

const home = createRoute({ getParentRoute: () => root, path: '/', component: HomePage });
const approvals = createRoute({
  getParentRoute: () => root,
  path: '/approvals',
  validateSearch: (search) => textOf(search, 'server', 'tool'),
  component: ApprovalsPage,
});
const activity = createRoute({
  getParentRoute: () => root,
  path: '/activity',
  validateSearch: (search) => textOf(search, 'call', 'app', 'server', 'tool', 'kind', 'search'),
  component: ActivityPage,
});
const servers = createRoute({
  getParentRoute: () => root,
  path: '/servers',
  validateSearch: (search) => textOf(search, 'search', 'add'),
  component: ServersPage,
});
const oneServer = createRoute({
  getParentRoute: () => root,
  path: '/servers/$name',
  validateSearch: (search) => textOf(search, 'tab'),
  component: ServerPage,
});
const catalog = createRoute({
  getParentRoute: () => root,
  path: '/catalog',
  validateSearch: (search) => textOf(search, 'search', 'category', 'add'),
  component: CatalogPage,
});
const apps = createRoute({
  getParentRoute: () => root,
  path: '/apps',
  validateSearch: (search) => textOf(search, 'app', 'connect'),
  component: AppsPage,
});
const policy = createRoute({
  getParentRoute: () => root,
  path: '/policy',
  validateSearch: (search) => textOf(search, 'tab', 'profile'),
  component: PolicyPage,
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  validateSearch: (search) => textOf(search, 'section'),
  component: SettingsPage,
});
const routeTree = root.addChildren([home, approvals, activity, servers, oneServer, catalog, apps, policy, settings]);

// Paths live behind the hash: the same bundle is loaded from a file on the desktop and from a web server headless.
export const router = createRouter({ routeTree, history: createHashHistory(), defaultPreload: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
