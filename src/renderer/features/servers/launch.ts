import type { LaunchIdentity } from '@shared/contract/index.ts';
import { assertNever } from '@shared/words.ts';

/** Program and arguments one by one; empty for an address. */
export function argvOf(launch: Pick<LaunchIdentity, 'command' | 'args'>): string[] {
  return launch.command === null ? [] : [launch.command, ...launch.args];
}

/** Where it is started. */
export function folderOf({ cwd, workingDirectory }: Pick<LaunchIdentity, 'cwd' | 'workingDirectory'>): string {
  const configured = cwd ?? '–';
  return workingDirectory === undefined ? configured : `the first folder the app works in, else ${configured}`;
}

/** Whom one process or connection serves. */
export function servesOf({ instances }: Pick<LaunchIdentity, 'instances'>): string {
  switch (instances) {
    case undefined:
      return 'all AI apps';
    case 'app':
      return 'one AI app each';
    case 'session':
      return 'one session each';
    default:
      return assertNever(instances);
  }
}

const packageRunners: Record<string, string> = { npx: 'npm', bunx: 'npm', uvx: 'PyPI', pipx: 'PyPI' };
const takesPackageNext = new Set(['-p', '--package', '--from', 'dlx', 'exec', 'run']);
const scriptRunners = new Set(['node', 'bun', 'deno', 'python', 'python3', 'uv']);
const imageName = /^(?:[\w.-]+(?::\d+)?\/)*[\w.-]+(?:\/[\w.-]+)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/;

function programOf(argv: readonly string[]): string {
  return (
    (argv[0] ?? '')
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/\.(?:exe|cmd)$/i, '') ?? ''
  );
}

/** The arguments a person should read: the package, the image or the script that decides what really runs. */
export function decisiveArguments(argv: readonly string[]): string[] {
  const program = programOf(argv);
  if (program === 'docker' || program === 'podman') {
    const image =
      argv.findLast((argument) => argument.includes('@sha256:')) ??
      argv.slice(2).find((argument) => argument.includes('/') && imageName.test(argument));
    return image === undefined ? [] : [image];
  }
  if (program in packageRunners || scriptRunners.has(program)) {
    const at = argv.findIndex(
      (argument, index) => index > 0 && !argument.startsWith('-') && !takesPackageNext.has(argument),
    );
    return at === -1 ? [] : [argv[at] ?? ''];
  }
  return argv.slice(0, 1);
}

/** "npm @scope/name 1.4.2" or null when the command does not name a package. */
function packageLabel(argv: readonly string[]): string | null {
  const registry = packageRunners[programOf(argv)];
  const [spec] = decisiveArguments(argv);
  if (!registry || !spec) return null;
  const found = /^(@?[^@=]+)(?:@|==)?(.*)$/.exec(spec);
  return [registry, found?.[1] ?? spec, found?.[2]].filter(Boolean).join(' ');
}

/** A short name for a list; the exact line is one hover or focus away. */
export function shortLaunch(commandLine: string): string {
  if (/^https?:\/\//.test(commandLine)) return URL.parse(commandLine)?.host ?? commandLine;
  return packageLabel(commandLine.split(' ')) ?? commandLine;
}

/** Where a remote server lives, or null for a program on this machine. */
export function hostOf(launch: Pick<LaunchIdentity, 'url'>): string | null {
  return launch.url === null ? null : (URL.parse(launch.url)?.host ?? launch.url);
}
