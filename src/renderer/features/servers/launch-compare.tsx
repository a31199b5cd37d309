import type { LaunchIdentity } from '@shared/contract/index.ts';
import { CommandBlock } from '../../components/ui/command-block.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { shellQuote } from '../../lib/shell-quote.ts';
import { argvOf, decisiveArguments, folderOf, servesOf } from './launch.ts';
import { diffSequence } from './sequence-diff.ts';

const lineOf = (launch: LaunchIdentity): string[] => (launch.url === null ? argvOf(launch) : [launch.url]);

const factsOf = (launch: LaunchIdentity): readonly [name: string, value: string][] => [
  ['Working directory', folderOf(launch)],
  ['One process serves', servesOf(launch)],
  ['Environment', launch.envNames.join(', ') || 'nothing'],
  ['Headers', launch.headerNames.join(', ') || 'nothing'],
  ['From the vault', launch.secretNames.join(', ') || 'nothing'],
];

const alwaysShown = new Set(['Working directory', 'One process serves']);

interface Fact {
  name: string;
  value: string;
  before: string | null;
}

/** Facts worth a line: what is set on either side. Values are never shown, only that they are others now. */
function shownFacts(now: LaunchIdentity, approved: LaunchIdentity | null): Fact[] {
  const before = new Map(approved ? factsOf(approved) : []);
  const facts = factsOf(now)
    .map(([name, value]) => ({ name, value, before: approved ? (before.get(name) ?? null) : value }))
    .filter((fact) => alwaysShown.has(fact.name) || fact.value !== 'nothing' || fact.before !== 'nothing');
  const hasOtherValues = approved !== null && approved.valuesDigest !== now.valuesDigest;
  return hasOtherValues ? [...facts, { name: 'Their values', before: 'as you approved', value: 'changed' }] : facts;
}

interface SideProps {
  title: string;
  launch: LaunchIdentity;
  other: LaunchIdentity;
  side: 'removed' | 'added';
}

function Side({ title, launch, other, side }: SideProps) {
  const parts =
    side === 'removed' ? diffSequence(lineOf(launch), lineOf(other)) : diffSequence(lineOf(other), lineOf(launch));
  return (
    <section>
      <h3>{title}</h3>
      <pre className="code cmd">
        {parts
          .filter((part) => part.kind === 'same' || part.kind === side)
          .map((part, at) => {
            const text = <VisibleText text={shellQuote(part.item)} />;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: arguments have no identity but their place
              <span key={at}>
                {at > 0 && ' '}
                {part.kind === 'same' && <span className="word">{text}</span>}
                {part.kind === 'removed' && <del className="word">{text}</del>}
                {part.kind === 'added' && <ins className="word">{text}</ins>}
              </span>
            );
          })}
      </pre>
    </section>
  );
}

/** How a server starts: alone when it is new, else what was approved beside what is there now. */
export function LaunchCompare({ now, approved }: { now: LaunchIdentity; approved: LaunchIdentity | null }) {
  const line = lineOf(now);
  return (
    <>
      {approved ? (
        <div className="two launch2">
          <Side title="You approved" launch={approved} other={now} side="removed" />
          <Side title="Now" launch={now} other={approved} side="added" />
        </div>
      ) : (
        <section>
          <h3>{now.url === null ? 'Exactly what will run' : 'Exactly where calls go'}</h3>
          <CommandBlock argv={line} strong={decisiveArguments(line)} />
        </section>
      )}
      <section>
        <h3>What it gets handed over</h3>
        <dl className="kv">
          {shownFacts(now, approved).map((fact) => (
            <div className="contents" key={fact.name}>
              <dt>{fact.name}</dt>
              <dd className="mono">
                {fact.before === fact.value ? (
                  <VisibleText text={fact.value} />
                ) : (
                  <>
                    <del>
                      <VisibleText text={fact.before ?? ''} />
                    </del>{' '}
                    <ins>
                      <VisibleText text={fact.value} />
                    </ins>
                  </>
                )}
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
