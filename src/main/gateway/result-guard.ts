import type { TrailStep } from '@shared/contract/index.ts';
import { scanResult } from '../scanner/index.ts';
import type { JsonObject } from './protocol.ts';

/** Findings a step names. */
const MOST_NAMED = 4;

/**
 * What the scanner's live rules say of a result, as a step of the call's trail. It records and holds nothing up: a result is
 * data, and only the person's policy may keep it from the agent.
 */
export function guardedResult(result: JsonObject, micros: () => number): TrailStep {
  const findings = scanResult(result);
  const named = findings
    .slice(0, MOST_NAMED)
    .map(
      ({ rule, title, severity, pointer }) =>
        `${title}${severity === 'serious' ? ', serious' : ''} (${rule}${pointer === '' ? '' : ` at ${pointer.slice(0, 80)}`})`,
    );
  const more = findings.length > MOST_NAMED ? `; and ${findings.length - MOST_NAMED} more` : '';
  const note = findings.length === 0 ? 'Nothing suspicious found.' : `Found: ${named.join('; ')}${more}.`;
  return { stage: 'result guard', verdict: 'pass', note, atMicros: micros() };
}
