import { oc } from '@orpc/contract';
import { z } from 'zod';
import { serverNameSchema } from '../words.ts';
import { adminErrors, widens } from './errors.ts';
import { launchPlanSchema, serverSummarySchema } from './servers.ts';

/** Something a person fills in before a server is added. */
export const catalogInputSchema = z.object({
  key: z.string(),
  label: z.string(),
  type: z.enum(['text', 'number', 'boolean', 'choice', 'file', 'directory', 'secret', 'url']),
  required: z.boolean(),
  multiple: z.boolean().default(false),
  description: z.string().default(''),
  default: z.string().optional(),
  choices: z.array(z.string()).optional(),
  placeholder: z.string().optional(),
});
export type CatalogInput = z.infer<typeof catalogInputSchema>;

/** One server of the bundled catalog. `{key}` in args, env and url stands for an input's value. */
export const catalogEntrySchema = z.object({
  id: z.string(),
  name: serverNameSchema,
  title: z.string(),
  vendor: z.string(),
  /** Published by the owner of the product or data. */
  official: z.boolean(),
  description: z.string(),
  category: z.enum(['files', 'code', 'data', 'web', 'docs', 'design', 'cloud', 'productivity', 'memory', 'testing']),
  icon: z.string(),
  homepage: z.string(),
  license: z.string().nullable(),
  package: z.object({ kind: z.enum(['npm', 'remote']), identifier: z.string(), version: z.string().nullable() }),
  /** What runs, or the address. */
  launch: z.object({
    command: z.string().optional(),
    args: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).default({}),
    url: z.string().optional(),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  inputs: z.array(catalogInputSchema).default([]),
  /** Tool names seen when the entry was checked. */
  tools: z.array(z.string()),
  needsNetwork: z.boolean(),
  /** Hosts it is known to reach; empty means not stated. */
  hosts: z.array(z.string()),
  /** What it can do to the person, in plain sentences. */
  risks: z.array(z.string()),
});
export type CatalogEntry = z.infer<typeof catalogEntrySchema>;

export const catalogItemSchema = catalogEntrySchema.extend({
  /** Names of servers already added from this entry. */
  addedAs: z.array(z.string()),
});
export type CatalogItem = z.infer<typeof catalogItemSchema>;

/** Values for inputs; repeated inputs take an array. Secrets go to the vault, never to servers.json. */
export const catalogValuesSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

export const catalogContract = {
  list: oc.input(z.object({ search: z.string().optional() }).optional()).output(z.array(catalogItemSchema)),
  get: oc
    .input(z.object({ id: z.string() }))
    .output(catalogItemSchema)
    .errors(adminErrors),
  plan: oc
    .input(z.object({ id: z.string(), name: serverNameSchema.optional(), inputs: catalogValuesSchema }))
    .output(launchPlanSchema)
    .errors(adminErrors),
  add: oc
    .meta(widens)
    .input(
      z.object({
        id: z.string(),
        name: serverNameSchema.optional(),
        inputs: catalogValuesSchema,
        consentHash: z.string(),
      }),
    )
    .output(serverSummarySchema)
    .errors(adminErrors),
};
