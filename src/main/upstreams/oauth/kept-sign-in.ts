import { z } from 'zod';

/** The part of the vault sign-ins are kept in. */
export interface SignInVault {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<boolean>;
}

/** Vault entries below this are sign-ins. No server's config may refer to them. */
const PREFIX = 'oauth/';

/** True for a vault name that is a sign-in's and never a value for a server's config. */
export function isSignInSecret(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** True for the vault name of this server's sign-in. */
export const isSignInOf = (name: string, server: string): boolean => name === PREFIX + server;

/** Objects of the SDK are kept as they are: it stamps them with the issuer they belong to, and checks that stamp. */
const verbatim = z.record(z.string(), z.unknown());

const keptSchema = z.object({
  version: z.literal(1),
  /** The address of the server the tokens are for; they go to no other. */
  url: z.string(),
  discovery: verbatim.nullable(),
  /** By issuer. */
  clients: z.record(z.string(), z.object({ redirectUri: z.string(), info: verbatim })),
  tokens: z
    .object({
      value: verbatim,
      accessToken: z.string(),
      /** Milliseconds since epoch; null: not said. */
      expiresAt: z.number().nullable(),
      /** The scopes asked for, as one text. */
      scope: z.string().nullable(),
    })
    .nullable(),
});

/** Everything that is kept about the sign-in at one server. Never leaves the main process. */
export type KeptSignIn = z.infer<typeof keptSchema>;

/** Gives nothing where nothing was kept, or what was kept is for another address. @throws VaultError */
export async function readKept(vault: SignInVault, server: string, url: string): Promise<KeptSignIn | undefined> {
  const text = await vault.get(PREFIX + server);
  if (text === undefined) return undefined;
  const kept = keptSchema.safeParse(jsonOf(text));
  return kept.success && kept.data.url === url ? kept.data : undefined;
}

/** @throws VaultError */
export async function writeKept(vault: SignInVault, server: string, kept: KeptSignIn): Promise<void> {
  await vault.set(PREFIX + server, JSON.stringify(kept));
}

/** True when there was something. @throws VaultError */
export async function forgetKept(vault: SignInVault, server: string): Promise<boolean> {
  return vault.delete(PREFIX + server);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
