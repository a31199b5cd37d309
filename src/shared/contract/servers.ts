import { oc } from '@orpc/contract';
import { z } from 'zod';
import { actorSchema, approvalStateSchema, serverHealthSchema, serverNameSchema } from '../words.ts';
import { adminErrors, widens } from './errors.ts';
import { findingSchema } from './findings.ts';

/** How a server is isolated. `none`: it runs with the person's own rights and the screen says so. */
export const isolationSchema = z.enum(['none', 'os', 'docker', 'remote']);
export type Isolation = z.infer<typeof isolationSchema>;

/**
 * One entry of `servers.json`: the familiar `mcpServers` shape. Either `command` or `url`.
 * Values may hold `${secret:NAME}`; a secret's value is never part of this object.
 */
export const serverConfigSchema = z.object({
  command: z.string().min(1).optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  cwd: z.string().optional(),
  url: z.string().optional(),
  type: z.enum(['stdio', 'http', 'streamable-http', 'sse']).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  disabled: z.boolean().optional(),
  gatehouse: z
    .object({
      catalogId: z.string().optional(),
      sandbox: z.enum(['docker', 'os', 'none']).optional(),
      /** Milliseconds one call may take without progress. */
      callTimeoutMs: z.number().int().positive().optional(),
      /** Whom one process (or connection) serves: everybody (default), one app, or one session. */
      instances: z.enum(['shared', 'app', 'session']).optional(),
      /** Minutes without use after which the process is stopped until it is used again; 0: never. Default 10. */
      idleMinutes: z.number().min(0).max(525_600).optional(),
      /** `app-roots`: start in the first folder the app says it works in. Only with `instances` app or session. */
      workingDirectory: z.enum(['app-roots']).optional(),
      /** How to sign in at a remote server whose sign-in service does not take Gatehouse as it comes. */
      oauth: z
        .object({
          /** Registered there by hand. */
          clientId: z.string().min(1).optional(),
          /** `${secret:NAME}`. */
          clientSecret: z.string().optional(),
          /** Asked for beside what the server says it needs. */
          scopes: z.array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/)).optional(),
          /** An https document that describes Gatehouse, where the service reads such (CIMD). */
          clientMetadataUrl: z.string().optional(),
        })
        .optional(),
    })
    .loose()
    .optional(),
});
export type ServerConfig = z.infer<typeof serverConfigSchema>;

/**
 * What would really run, as shown on the consent sheet and covered by the server's fingerprint.
 * `env` and `headers` are names only; `secrets` are the vault names they refer to.
 */
export const launchIdentitySchema = z.object({
  kind: z.enum(['stdio', 'http', 'sse']),
  command: z.string().nullable(),
  args: z.array(z.string()),
  /** Absolute; null for a URL. */
  cwd: z.string().nullable(),
  envNames: z.array(z.string()),
  url: z.string().nullable(),
  headerNames: z.array(z.string()),
  secretNames: z.array(z.string()),
  /** SHA-256 over the values of the variables or headers as written (references unresolved); null when there are none. */
  valuesDigest: z.string().nullable(),
  /** For whom processes of its own are started; absent: one for all. */
  instances: z.enum(['app', 'session']).optional(),
  /** `app-roots`: it is started in a folder the app names, `cwd` where there is none. Absent: always in `cwd`. */
  workingDirectory: z.enum(['app-roots']).optional(),
});
export type LaunchIdentity = z.infer<typeof launchIdentitySchema>;

/** `more-needed`: signed in, and a call asked for more rights than that gives. Null: nobody asked for a sign-in. */
export const signInStateSchema = z.enum(['needed', 'signed-in', 'more-needed']).nullable();
export type SignInState = z.infer<typeof signInStateSchema>;

export const startedSignInSchema = z.object({
  /** Where the person signs in, in their browser. Good for five minutes. */
  url: z.string(),
  /** Its host, to be shown before it is opened. */
  host: z.string(),
});
export type StartedSignIn = z.infer<typeof startedSignInSchema>;

export const serverSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string().nullable(),
  catalogId: z.string().nullable(),
  kind: z.enum(['stdio', 'http', 'sse']),
  /** The exact command line or URL in one untruncated line, arguments shell-quoted. */
  commandLine: z.string(),
  health: serverHealthSchema,
  /** One sentence: what is wrong and what to do; null when nothing is. */
  problem: z.string().nullable(),
  approval: approvalStateSchema,
  /** `pending`: agents do not see its instructions until the server is approved with them; null: it gives none. */
  instructionsState: approvalStateSchema.nullable(),
  isolation: isolationSchema,
  signIn: signInStateSchema,
  /** With several processes: one of them. */
  pid: z.number().nullable(),
  /** Processes or connections that run now. */
  instances: z.number(),
  /** Milliseconds since epoch. */
  startedAt: z.number().nullable(),
  lastUsedAt: z.number().nullable(),
  restarts: z.number(),
  nextRetryAt: z.number().nullable(),
  version: z.string().nullable(),
  protocolVersion: z.string().nullable(),
  tools: z.object({
    total: z.number(),
    approved: z.number(),
    pending: z.number(),
    changed: z.number(),
    blocked: z.number(),
    read: z.number(),
    write: z.number(),
    destructive: z.number(),
  }),
  /** What of it waits in Approvals besides its launch: offers of all kinds and its instructions. 0 behind a held launch. */
  waiting: z.number(),
  calls: z.object({ lastHour: z.number(), running: z.number() }),
});
export type ServerSummary = z.infer<typeof serverSummarySchema>;

export const serverDetailSchema = serverSummarySchema.extend({
  launch: launchIdentitySchema,
  /** Covers `launch` and the instructions; `approve` takes it to decide on exactly what was shown. */
  fingerprint: z.string(),
  /** The launch a person approved, when it differs from `launch`. */
  approvedLaunch: launchIdentitySchema.nullable(),
  /** What a person should know before this runs, as in the plan; an entry written by hand went through no plan. */
  warnings: z.array(z.string()),
  /** Minutes without use after which its process is stopped until it is used again; 0: never. */
  idleMinutes: z.number(),
  /** Secret references kept, plain values masked. */
  env: z.array(z.object({ name: z.string(), secret: z.string().nullable() })),
  instructions: z.string().nullable(),
  /** What the scanner found in the instructions; pointers are empty. */
  instructionsFindings: z.array(findingSchema),
  serverInfo: z.record(z.string(), z.unknown()).nullable(),
  capabilities: z.array(z.string()),
  resources: z.number(),
  resourceTemplates: z.number(),
  prompts: z.number(),
  addedAt: z.number(),
  decidedAt: z.number().nullable(),
  decidedBy: actorSchema.nullable(),
});
export type ServerDetail = z.infer<typeof serverDetailSchema>;

/** What a person is asked to consent to before anything runs. */
export const launchPlanSchema = z.object({
  name: z.string(),
  launch: launchIdentitySchema,
  /** Program and arguments one by one, exact and untruncated; empty for a URL. */
  argv: z.array(z.string()),
  commandLine: z.string(),
  /** The absolute program path found on PATH, or null when it was not found. */
  resolvedCommand: z.string().nullable(),
  isolation: isolationSchema,
  warnings: z.array(z.string()),
  /** True when a server of this name exists and would be replaced. */
  replaces: z.boolean(),
  /** Binds `add` to exactly what was shown. */
  consentHash: z.string(),
});
export type LaunchPlan = z.infer<typeof launchPlanSchema>;

export const addServerInputSchema = z.object({
  name: serverNameSchema,
  config: serverConfigSchema,
  /** Secret values to put into the vault; config refers to them as `${secret:NAME}`. */
  secrets: z.record(z.string(), z.string()).optional(),
});
export type AddServerInput = z.infer<typeof addServerInputSchema>;

export const serverLogLineSchema = z.object({
  seq: z.number(),
  at: z.number(),
  stream: z.enum(['stderr', 'stdout', 'gatehouse']),
  text: z.string(),
});
export type ServerLogLine = z.infer<typeof serverLogLineSchema>;

/** Where `servers.json` stands; a syntax error keeps the last good state. */
export const configProblemSchema = z.object({
  file: z.string(),
  message: z.string(),
  line: z.number(),
  column: z.number(),
});
export type ConfigProblem = z.infer<typeof configProblemSchema>;

const byName = z.object({ name: z.string() });

export const serversContract = {
  list: oc.output(z.array(serverSummarySchema)),
  get: oc.input(byName).output(serverDetailSchema).errors(adminErrors),
  /** Shows what would run. Starts nothing, writes nothing. */
  plan: oc
    .input(addServerInputSchema.omit({ secrets: true }))
    .output(launchPlanSchema)
    .errors(adminErrors),
  /** Writes servers.json, approves this launch, starts the server once to learn its tools (all held). */
  add: oc
    .meta(widens)
    .input(addServerInputSchema.extend({ consentHash: z.string(), replace: z.boolean().optional() }))
    .output(serverSummarySchema)
    .errors(adminErrors),
  remove: oc
    .input(byName)
    .output(z.object({ removed: z.boolean() }))
    .errors(adminErrors),
  restart: oc.input(byName).output(serverSummarySchema).errors(adminErrors),
  /** Approves the launch identity that is in servers.json now. */
  approve: oc
    .meta(widens)
    .input(byName.extend({ fingerprint: z.string().optional() }))
    .output(serverSummarySchema)
    .errors(adminErrors),
  /** Holds every tool of the server and stops it. */
  block: oc.input(byName).output(serverSummarySchema).errors(adminErrors),
  setDisabled: oc
    .meta(widens)
    .input(byName.extend({ disabled: z.boolean() }))
    .output(serverSummarySchema)
    .errors(adminErrors),
  /** Begins a sign-in at a remote server and waits for nobody: a browser opens `url`. One that waits is given again. */
  signIn: oc.meta(widens).input(byName).output(startedSignInSchema).errors(adminErrors),
  /** Resolves when the sign-in that waits has ended; FAILED says why it did not succeed. */
  signInDone: oc.input(byName).output(serverSummarySchema).errors(adminErrors),
  /** Forgets a sign-in, and cancels one that waits. */
  signOut: oc
    .input(byName)
    .output(z.object({ signedOut: z.boolean() }))
    .errors(adminErrors),
  logs: oc
    .input(byName.extend({ afterSeq: z.number().optional(), limit: z.number().int().max(2000).optional() }))
    .output(z.array(serverLogLineSchema))
    .errors(adminErrors),
};
