/** Entry of the scanner room: looks through what servers say for text that misleads agents. Offline and deterministic. */
import type { Finding } from '@shared/contract/findings.ts';
import type { Mention } from './neighbours.ts';

export { countFindings, inOrder } from './finding.ts';
export { Neighbours, neighbourFindings } from './neighbours.ts';
export { allRules } from './rule-data.ts';
export { type SarifRegion, sarifOf } from './sarif.ts';
export { scanDefinition, scanInstructions, scanResult } from './scan-definition.ts';
export { type ListingToScan, readScanFile, ScanFileError, type ScanSubject } from './scan-file.ts';
export type { Contradiction } from './schema-checks.ts';

/** What a definition says by itself, and what of it has to be compared with the tools of other servers. */
export interface DefinitionScan {
  readonly findings: readonly Finding[];
  readonly mentions: readonly Mention[];
  /** Null for what is no tool. */
  readonly toolName: string | null;
}
