import type { Finding } from '@shared/contract/index.ts';
import type { Mark } from '../../components/ui/marked-text.tsx';

/** The marks of one string of a definition; findings are numbered from 1 in their order. */
export function marksAt(findings: readonly Finding[], pointer: string, inKey = false): Mark[] {
  return findings.flatMap((finding, at) => {
    if (finding.pointer !== pointer || finding.inKey !== inKey) return [];
    const { severity, start, end } = finding;
    return [{ number: at + 1, severity, start, end }];
  });
}

/** "1 finding", "3 findings" */
export const countWords = (count: number): string => `${count} ${count === 1 ? 'finding' : 'findings'}`;

const members: Readonly<Record<string, string>> = {
  name: 'its name',
  title: 'its title',
  description: 'its description',
  uri: 'its URI',
  uriTemplate: 'its URI template',
  instructions: 'its instructions',
};

/** Where a finding is, for a person: "the description of the input path". */
export function placeOf({ pointer, inKey }: Pick<Finding, 'pointer' | 'inKey'>): string {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const [first = '', second, third, fourth] = steps;
  if (steps.length === 0) return '';
  if (steps.length === 1) return members[first] ?? `its ${first}`;
  if (first === 'inputSchema' && second === 'properties' && third !== undefined) {
    if (steps.length === 3) return inKey ? `the name of the input ${third}` : `the input ${third}`;
    return steps.length === 4 ? `the ${fourth} of the input ${third}` : `the input ${third}`;
  }
  return steps.join(' › ');
}
