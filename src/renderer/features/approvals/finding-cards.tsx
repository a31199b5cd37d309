import type { Finding, FindingClass } from '@shared/contract/index.ts';
import { Icon } from '../../components/icon/icon.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { countWords, placeOf } from './finding-marks.ts';

/** What it means that a class of rules found nothing. */
const passed: Partial<Record<FindingClass, string>> = {
  'hidden-text': 'No hidden text',
  encoded: 'No encoded text',
  instruction: 'No orders to the agent',
  concealment: 'Asks for no secrecy',
  shadowing: 'No copy of another tool, and says nothing about others',
  secrets: 'Does not ask for files or secrets',
  mismatch: 'What it claims fits together',
  exfiltration: 'No address that data could leave through',
};

/** Every finding with its number, what it is about and why it matters; then what was looked for and not found. */
export function FindingCards({ findings }: { findings: readonly Finding[] }) {
  const found = new Set(findings.map((finding) => finding.class));
  const clean = Object.entries(passed).filter(([name]) => ![...found].some((one) => one === name));
  return (
    <>
      <h3>
        Scanner <span className="meta">{findings.length === 0 ? 'nothing found' : countWords(findings.length)}</span>
      </h3>
      {findings.length > 0 && (
        <ul aria-label="Findings">
          {findings.map((finding, at) => (
            <li
              key={`${finding.rule} ${finding.pointer} ${finding.start} ${finding.inKey}`}
              className={finding.severity === 'serious' ? 'find brick' : 'find brass'}
            >
              <Card finding={finding} number={at + 1} />
            </li>
          ))}
        </ul>
      )}
      {clean.length > 0 && (
        <>
          <h3>Passed</h3>
          <ul className="pass">
            {clean.map(([name, words]) => (
              <li key={name}>
                <Icon name="check" size="s" />
                {words}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Card({ finding, number }: { finding: Finding; number: number }) {
  const place = placeOf(finding);
  return (
    <>
      <b>
        <span className="fn">{number}</span>
        {finding.title}
        <span className="sr"> {finding.severity}</span>
      </b>
      {finding.text.trim() !== '' && (
        <p>
          “<VisibleText text={finding.text} />”
        </p>
      )}
      {finding.decoded !== null && (
        <p>
          It says: “<VisibleText text={finding.decoded} />”
        </p>
      )}
      <p>
        <VisibleText text={finding.explanation} />
      </p>
      <p className="meta">
        {place !== '' && (
          <>
            In <VisibleText text={place} /> ·{' '}
          </>
        )}
        <span className="mono">{finding.rule}</span> version {finding.version}
      </p>
    </>
  );
}
