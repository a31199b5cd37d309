import type { LaunchIdentity, ServerConfig } from '@shared/contract/index.ts';
import { secretNamesIn } from '../secrets/index.ts';
import { commandLineOf, launchIdentityOf, launchWarnings, resolveProgram } from '../upstreams/index.ts';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/**
 * Everything a person has to see before a config may run: exact and untruncated, secrets by name only.
 * @param others the servers that are there now, to tell whose secrets it would be given
 */
export function launchFacts(name: string, config: ServerConfig, others: ReadonlyMap<string, ServerConfig>): Fact[] {
  const launch = launchIdentityOf(config);
  const warnings = launchWarningsFor(name, config, others);
  const replaced = others.get(name);
  const facts: (Fact | null)[] = [
    { label: launch.kind === 'stdio' ? 'Command' : 'Address', value: commandLineOf(launch) },
    launch.command === null
      ? null
      : { label: 'Program', value: resolveProgram(launch.command, launch.cwd) ?? 'not found on PATH' },
    launch.kind === 'stdio' ? { label: 'Working directory', value: folderOf(launch) } : null,
    launch.instances === undefined ? null : { label: 'Started for', value: `each ${launch.instances} of its own` },
    launch.kind === 'stdio'
      ? { label: 'Environment', value: launch.envNames.join(', ') || 'none' }
      : { label: 'Headers', value: launch.headerNames.join(', ') || 'none' },
    { label: 'Secrets it gets', value: launch.secretNames.join(', ') || 'none' },
    launch.kind === 'stdio' ? { label: 'Isolation', value: 'none: it runs with your own rights' } : null,
    replaced ? { label: 'Replaces', value: commandLineOf(launchIdentityOf(replaced)) } : null,
    ...warnings.map((value, at) => ({ label: at === 0 ? 'Careful' : `Careful (${at + 1})`, value })),
  ];
  return facts.filter((fact) => fact !== null);
}

function folderOf({ cwd, workingDirectory }: LaunchIdentity): string {
  const configured = cwd ?? '–';
  return workingDirectory === undefined ? configured : `the first folder the app works in, else ${configured}`;
}

/** What a person should know before this runs, the reach for other servers' secrets first. */
export function launchWarningsFor(
  name: string,
  config: ServerConfig,
  others: ReadonlyMap<string, ServerConfig>,
): string[] {
  const foreign = launchIdentityOf(config).secretNames.flatMap((secret) => {
    const owner = ownerOf(secret, name, others);
    return owner === undefined ? [] : [`It is given the secret ${secret}, which was stored for the server ${owner}.`];
  });
  return [...foreign, ...launchWarnings(config)];
}

/** The other server a secret belongs to: the one that uses it, or the one it is named after. */
function ownerOf(secret: string, name: string, others: ReadonlyMap<string, ServerConfig>): string | undefined {
  if (secret.startsWith(`${name}.`)) return undefined;
  for (const [other, config] of others) {
    if (other === name) continue;
    const texts = [...Object.values(config.env ?? {}), ...Object.values(config.headers ?? {}), config.url ?? ''];
    if (secret.startsWith(`${other}.`) || texts.some((text) => secretNamesIn(text).includes(secret))) return other;
  }
  return undefined;
}
