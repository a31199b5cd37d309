/** Gatehouse's own tools: which function answers which. Nothing there shows more than the pipeline would let through. */
import type { Approvals } from '../approvals/index.ts';
import type { Discovery } from '../discovery/index.ts';
import type { Profile } from '../policy/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { OwnTool } from './agent-menu.ts';
import { describeTools } from './describe-tools.ts';
import type { OwnAnswer } from './pipeline.ts';
import { readResult } from './read-result.ts';
import type { ResultStore } from './result-store.ts';
import { retrieveTools } from './retrieve-tools.ts';

export interface OwnToolsOptions {
  readonly approvals: Pick<Approvals, 'tool'>;
  readonly discovery: Pick<Discovery, 'search'>;
  readonly results: ResultStore;
  readonly settings: Pick<SettingsStore, 'get'>;
}

/** Answers one of Gatehouse's own tools for an app with this profile. */
export type AnswerOwn = (tool: OwnTool, args: unknown, app: string, profile: Profile) => Promise<OwnAnswer>;

export function createOwnTools(options: OwnToolsOptions): AnswerOwn {
  return (tool, args, app, profile) => {
    switch (tool) {
      case 'retrieve_tools':
        return retrieveTools(options, args, profile);
      case 'describe_tools':
        return describeTools(options, args, profile);
      case 'read_result':
        return readResult(options, args, app);
    }
  };
}
