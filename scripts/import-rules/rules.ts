/** DESIGN §4, "Rules the build checks", as pure functions over who imports what. */
import { posix } from 'node:path';
import type { Import } from './imports-of.ts';

/** Paths are relative to the repository, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly imports: readonly Import[];
}

export interface Violation {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const compositionRoot = 'src/main/app.ts';
/** `gatehouse serve` is an entry, but loaded late, so it lives among the commands. */
const headlessEntry = 'src/main/cli/serve.ts';
/** What a person or a program meets; services know nothing of it. */
const fronts = new Set(['desktop', 'console', 'cli']);
const electronPackages = /^electron(?:$|\/|-store$|-updater$|-log$)/;

/** Everything that breaks a rule, in the order of the files given. */
export function violationsIn(files: readonly SourceFile[]): Violation[] {
  return [...files.flatMap((file) => file.imports.flatMap((one) => violationsOf(file.path, one))), ...cyclesIn(files)];
}

function violationsOf(path: string, one: Import): Violation[] {
  const target = targetOf(path, one.specifier);
  const broken = (rule: string, message: string): Violation => ({ rule, path, line: one.line, message });
  const found: Violation[] = [];
  const from = placeOf(path);

  if (target === undefined) {
    if (electronPackages.test(one.specifier) && from.room !== 'desktop' && from.area !== 'preload') {
      found.push(broken('electron-only-in-desktop', `imports ${one.specifier}, which only src/main/desktop/ may`));
    }
    if (from.area === 'renderer' && one.specifier.startsWith('node:')) {
      found.push(broken('renderer-imports-only-shared', `imports ${one.specifier}, and a page has no Node`));
    }
    return found;
  }

  const to = placeOf(target);
  if (to.area === 'outside') {
    if (!target.endsWith('.json'))
      found.push(broken('src-stands-alone', `imports ${target}, which is not part of the app`));
    return found;
  }
  if (from.area === 'shared' && to.area !== 'shared') {
    found.push(broken('shared-imports-nothing', `imports ${target}; src/shared imports nothing of ours`));
  }
  if ((from.area === 'renderer' || from.area === 'preload') && to.area !== from.area && to.area !== 'shared') {
    found.push(broken('renderer-imports-only-shared', `imports ${target}; a page knows only src/shared`));
  }
  if (from.area !== 'main') return found;
  if (to.area === 'renderer' || to.area === 'preload') {
    found.push(broken('main-imports-no-page', `imports ${target}; the main process knows nothing of the page's code`));
  }
  if (to.room !== undefined && to.room !== from.room && posix.basename(target) !== 'index.ts') {
    found.push(broken('room-entered-by-index', `imports ${target}; enter src/main/${to.room}/ through its index.ts`));
  }
  // The files beside the rooms are the entries of the fronts; the composition root among them knows no front.
  const isEntry = path === headlessEntry || (from.room === undefined && path !== compositionRoot);
  if (target === compositionRoot && !isEntry) {
    found.push(broken('nobody-imports-app', 'imports app.ts; take what you need through your constructor'));
  }
  if (to.room !== undefined && fronts.has(to.room) && to.room !== from.room && !isEntry) {
    found.push(broken('services-know-no-front', `imports ${target}; only the entries know the fronts`));
  }
  return found;
}

/** The repository path an import leads to, or undefined for a package. */
export function targetOf(path: string, specifier: string): string | undefined {
  const [bare = ''] = specifier.split('?');
  if (bare.startsWith('@shared/')) return `src/shared/${bare.slice('@shared/'.length)}`;
  return bare.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), bare)) : undefined;
}

function placeOf(path: string): {
  readonly area: 'shared' | 'main' | 'preload' | 'renderer' | 'outside';
  /** Folder under src/main; undefined for the files beside the rooms. */
  readonly room: string | undefined;
} {
  const [src, area, room, ...rest] = path.split('/');
  if (src !== 'src') return { area: 'outside', room: undefined };
  if (area === 'main') return { area, room: rest.length > 0 ? room : undefined };
  if (area === 'shared' || area === 'preload' || area === 'renderer') return { area, room: undefined };
  return { area: 'outside', room: undefined };
}

/** Files that import each other in a circle at run time; each circle is told once, at its first file. */
function cyclesIn(files: readonly SourceFile[]): Violation[] {
  const imports = new Map(
    files.map(({ path, imports }) => [
      path,
      imports.filter((one) => !one.isType).map((one) => ({ ...one, target: targetOf(path, one.specifier) })),
    ]),
  );
  const done = new Set<string>();
  const found: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (done.has(path)) return;
    for (const { target, line } of imports.get(path) ?? []) {
      if (target === undefined || !imports.has(target)) continue;
      const start = [...trail, path].indexOf(target);
      if (start === -1) visit(target, [...trail, path]);
      else {
        const circle = [...trail, path].slice(start);
        found.push({ rule: 'no-circles', path, line, message: `closes a circle: ${[...circle, target].join(' → ')}` });
      }
    }
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found;
}
