/** Turns the options of `server add` into a server config. Pure. */
import type { ServerConfig } from '@shared/contract/index.ts';
import { CliError } from './exit.ts';
import { keyValues } from './key-values.ts';

export interface ServerAddOptions {
  readonly env?: readonly string[];
  readonly secret?: readonly string[];
  readonly cwd?: string;
  readonly sandbox?: string;
  readonly url?: string;
  readonly header?: readonly string[];
  readonly oauthClientId?: string;
  readonly oauthClientSecret?: boolean;
  readonly oauthClientMetadata?: string;
  readonly oauthScope?: readonly string[];
}

/** Under this name `--oauth-client-secret` reads its value. */
export const OAUTH_SECRET = 'OAUTH_CLIENT_SECRET';

/** The vault's name for secret KEY of a server. */
export function vaultNameOf(server: string, key: string): string {
  return `${server}.${key}`;
}

/**
 * A secret named by `--secret K` becomes the environment variable K (for an address: the header K) as `${secret:NAME.K}`,
 * unless a given value refers to it already, as in `--header 'Authorization=Bearer ${secret:NAME.K}'`.
 * Throws CliError `usage` for options that do not fit together.
 */
export function serverConfigOf(name: string, command: readonly string[], options: ServerAddOptions): ServerConfig {
  const { url, cwd, sandbox } = options;
  const [program, ...args] = command;
  const gatehouse = sandbox === 'none' ? { gatehouse: { sandbox } as const } : {};
  if (url !== undefined) {
    if (program !== undefined) throw new CliError('usage', 'Give either --url or a command after --, not both.');
    if (cwd !== undefined || (options.env?.length ?? 0) > 0 || sandbox !== undefined) {
      throw new CliError('usage', '--cwd, --env and --sandbox are for a command, not for --url.');
    }
    const headers = withSecrets(name, keyValues('--header', options.header ?? []), options.secret ?? []);
    return { url, ...(Object.keys(headers).length > 0 ? { headers } : {}), ...oauthOf(name, options) };
  }
  if (Object.keys(oauthOf(name, options)).length > 0)
    throw new CliError('usage', 'A sign-in (--oauth-…) is for --url.');
  if (program === undefined) {
    throw new CliError('usage', `Say what to run: gatehouse server add ${name} -- COMMAND ARGS…, or --url URL.`);
  }
  if ((options.header?.length ?? 0) > 0) throw new CliError('usage', '--header is for --url.');
  const env = withSecrets(name, keyValues('--env', options.env ?? []), options.secret ?? []);
  return {
    command: program,
    args,
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...(cwd === undefined ? {} : { cwd }),
    ...gatehouse,
  };
}

function oauthOf(name: string, options: ServerAddOptions): Pick<ServerConfig, 'gatehouse'> {
  const { oauthClientId: clientId, oauthClientMetadata: clientMetadataUrl, oauthScope: scopes } = options;
  if (options.oauthClientSecret && clientId === undefined) {
    throw new CliError('usage', '--oauth-client-secret needs --oauth-client-id.');
  }
  const oauth = {
    ...(clientId !== undefined && { clientId }),
    ...(options.oauthClientSecret && { clientSecret: `\${secret:${vaultNameOf(name, OAUTH_SECRET)}}` }),
    ...(clientMetadataUrl !== undefined && { clientMetadataUrl }),
    ...(scopes !== undefined && { scopes: [...scopes] }),
  };
  return Object.keys(oauth).length > 0 ? { gatehouse: { oauth } } : {};
}

function withSecrets(
  name: string,
  given: readonly [key: string, value: string][],
  secrets: readonly string[],
): Record<string, string> {
  const values = Object.fromEntries(given);
  for (const key of secrets) {
    const reference = `\${secret:${vaultNameOf(name, key)}}`;
    if (Object.values(values).some((value) => value.includes(reference))) continue;
    if (key in values) throw new CliError('usage', `${key} is given twice: once with its value, once as a secret.`);
    values[key] = reference;
  }
  return values;
}
