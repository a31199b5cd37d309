/** Findings as SARIF 2.1.0, the format code hosts and editors read (OASIS sarif-v2.1.0). */
import type { Finding } from '@shared/contract/findings.ts';
import { allRules } from './rule-data.ts';

export interface LocatedFinding {
  readonly finding: Finding;
  /** How a person calls what it was found in, e.g. `files:read_file`. */
  readonly subject: string;
  /** JSON Pointer in the file that was scanned; in the definition where there is no file. */
  readonly pointer: string;
  /** Place of the member in the file, from 1; null where there is no file. */
  readonly region: SarifRegion | null;
}

export interface SarifRegion {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

const levels = { serious: 'error', note: 'note' } as const;

/** @param artifact URI reference of the file, or null for a running server */
export function sarifOf(findings: readonly LocatedFinding[], artifact: string | null, version: string): object {
  const used = [...new Set(findings.map(({ finding }) => finding.rule))].sort();
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Gatehouse', version, rules: used.map(descriptorOf) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((one) => resultOf(one, artifact, used)),
      },
    ],
  };
}

function descriptorOf(id: string): object {
  const rule = allRules.find((one) => one.id === id);
  if (!rule) return { id };
  return {
    id,
    shortDescription: { text: rule.title },
    fullDescription: { text: rule.explanation },
    defaultConfiguration: { level: levels[rule.severity] },
    properties: { class: rule.class, version: rule.version },
  };
}

function resultOf(
  { finding, subject, pointer, region }: LocatedFinding,
  artifact: string | null,
  rules: readonly string[],
): object {
  const { start, end, text, decoded, inKey } = finding;
  return {
    ruleId: finding.rule,
    ruleIndex: rules.indexOf(finding.rule),
    level: levels[finding.severity],
    message: { text: `${subject}: ${finding.title}. ${finding.explanation}` },
    locations: [
      {
        ...(artifact !== null && {
          physicalLocation: { artifactLocation: { uri: artifact }, ...(region && { region }) },
        }),
        logicalLocations: [{ name: subject, fullyQualifiedName: `${subject}#${pointer}`, kind: 'member' }],
      },
    ],
    properties: { pointer, inKey, start, end, text, ...(decoded !== null && { decoded }) },
  };
}
