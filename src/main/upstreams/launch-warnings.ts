import { homedir } from 'node:os';
import { basename, resolve } from 'node:path';
import type { ServerConfig } from '@shared/contract/index.ts';

const SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'fish', 'ksh', 'cmd', 'powershell', 'pwsh']);
/** Runners that fetch a package from the network and run it. The value names the part that may hold a version. */
const RUNNERS = new Map([
  ['npx', 'npm'],
  ['bunx', 'npm'],
  ['pnpx', 'npm'],
  ['uvx', 'PyPI'],
  ['pipx', 'PyPI'],
]);
/** Options of the runners that take the next word as their value. */
const RUNNER_VALUE_OPTIONS = new Set(['--python', '-p', '--index-url', '--registry', '--cache', '--with']);
const EXACT_NPM = /^(@[^/]+\/)?[^@]+@\d+\.\d+\.\d+[^\s]*$/;
const EXACT_PYPI = /(==|@)\d+(\.\d+)+/;
/** Variables that decide which code a program loads, whatever its command says. */
const LOADER_VARIABLES =
  /^(LD_.*|DYLD_.*|NODE_OPTIONS|NODE_PATH|NODE_REPL_EXTERNAL_MODULE|ELECTRON_RUN_AS_NODE|PYTHON(PATH|HOME|STARTUP|WARNINGS|BREAKPOINT|USERBASE)|PERL5(OPT|LIB|DB)|RUBY(OPT|LIB)|JAVA_TOOL_OPTIONS|_?JAVA_OPTIONS|JDK_JAVA_OPTIONS|PATH|BASH_ENV|ENV|SHELL|GIT_(SSH|SSH_COMMAND|EXTERNAL_DIFF|EXEC_PATH|CONFIG_.*)|EDITOR|PAGER)$/i;
/** Variables that decide where a package runner fetches its code. */
const SOURCE_VARIABLES =
  /^(npm_config_.*|yarn_.*registry.*|bun_config_registry|pip_(extra_)?index_url|uv_(default_|extra_)?index(_url)?|https?_proxy|all_proxy|node_extra_ca_certs|node_tls_reject_unauthorized)$/i;

/**
 * What a person should know before this runs, most serious first. Heuristics: silence is not a promise.
 * @param home the person's home folder, absolute
 */
export function launchWarnings(config: ServerConfig, home: string = homedir()): string[] {
  const warnings: string[] = [];
  if (config.command === undefined) return warnings;
  const words = [config.command, ...(config.args ?? [])];
  const program = programName(config.command);
  const text = words.join(' ');

  if (words.some((word) => /(^|[\s;&|])sudo(\s|$)/.test(` ${word} `)) || program === 'sudo' || program === 'doas') {
    warnings.push('It asks for administrator rights (sudo).');
  }
  if (/(^|[\s;&|])rm\s+(-\w*[rf]\w*\s*)+/.test(text)) warnings.push('It deletes files and folders (rm -r or rm -f).');
  if (/\b(curl|wget)\b[^|]*\|\s*(sudo\s+)?\w*sh\b/.test(text)) {
    warnings.push('It downloads a script from the network and runs it at once.');
  }
  if (SHELLS.has(program) && (config.args ?? []).some((arg) => /^(-\w*c|\/c|-Command|-EncodedCommand)$/i.test(arg))) {
    warnings.push('It runs a shell script written into its arguments. Read every word of it.');
  }
  const unpinned = unpinnedPackage(program, config.args ?? []);
  if (unpinned) {
    warnings.push(
      `It runs the newest ${unpinned.registry} release of ${unpinned.name} from the network each time. Pin a version to always run the code you looked at.`,
    );
  }
  if (/docker\.sock|podman\.sock/.test(text)) {
    warnings.push('It can control the container engine, which is as much as full control of this computer.');
  }
  if (program === 'docker' && words.includes('--privileged')) {
    warnings.push('Its container runs privileged, which does not isolate it from this computer.');
  }
  const broad = (config.args ?? []).find((arg) => isBroadFolder(arg, home));
  if (broad !== undefined) {
    warnings.push(`It is given ${broad}, which holds all your files, keys and settings. Give it one folder instead.`);
  }
  for (const [name, value] of Object.entries(config.env ?? {})) {
    // The value is shown here, though values are not elsewhere: it is as much of the command as the arguments are.
    const sets = `It sets ${name} to ${JSON.stringify(value)}`;
    if (LOADER_VARIABLES.test(name)) {
      warnings.push(`${sets}, which can make the program run other code than its command says.`);
    } else if (SOURCE_VARIABLES.test(name)) {
      warnings.push(`${sets}, which can change where its code comes from and who can alter it on the way.`);
    }
  }
  return warnings;
}

/** True when starting it may first download it: package runners and container engines. */
export function fetchesItsProgram(config: ServerConfig): boolean {
  const program = programName(config.command ?? '');
  const [verb] = config.args ?? [];
  return (
    RUNNERS.has(program) ||
    ['docker', 'podman'].includes(program) ||
    (program === 'npm' && (verb === 'exec' || verb === 'x')) ||
    ((program === 'pnpm' || program === 'yarn') && verb === 'dlx') ||
    (program === 'uv' && (verb === 'tool' || verb === 'run'))
  );
}

function programName(command: string): string {
  return basename(command.replaceAll('\\', '/'))
    .replace(/\.(exe|cmd|bat|ps1)$/i, '')
    .toLowerCase();
}

function unpinnedPackage(program: string, args: readonly string[]): { name: string; registry: string } | undefined {
  const [registry, rest] =
    program === 'npm' && (args[0] === 'exec' || args[0] === 'x')
      ? ['npm', args.slice(1)]
      : program === 'pnpm' && args[0] === 'dlx'
        ? ['npm', args.slice(1)]
        : program === 'uv' && args[0] === 'tool' && args[1] === 'run'
          ? ['PyPI', args.slice(2)]
          : [RUNNERS.get(program), args];
  if (registry === undefined) return undefined;
  const name = packageWord(rest, registry);
  if (name === undefined) return undefined;
  const pinned = registry === 'npm' ? EXACT_NPM.test(name) : EXACT_PYPI.test(name);
  return pinned ? undefined : { name, registry };
}

function packageWord(args: readonly string[], registry: string): string | undefined {
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    const named = /^(?:--package|--from|--spec)=(.+)$/.exec(word)?.[1];
    if (named) return named;
    if (word === '--package' || word === '--from' || word === '--spec') return args[index + 1];
    if (word === '-p' && registry === 'npm') return args[index + 1];
    if (RUNNER_VALUE_OPTIONS.has(word)) index += 1;
    else if (word !== 'run' && !word.startsWith('-')) return word;
  }
  return undefined;
}

function isBroadFolder(arg: string, home: string): boolean {
  const expanded = arg.replace(/^(~|\$HOME|\$\{HOME\})(?=$|[/\\])/, home);
  if (!/^([/\\]|[A-Za-z]:[/\\])/.test(expanded)) return false;
  const folder = resolve(expanded);
  return folder === resolve(home) || folder === resolve('/') || /^[A-Za-z]:\\?$/.test(expanded);
}
