import type { ToolDetail } from '@shared/contract/index.ts';
import { assertNever } from '@shared/words.ts';
import type { StatusKind } from '../../components/icon/status-shape.tsx';
import { effectWord } from '../../components/ui/effect-mark.tsx';
import { Status } from '../../components/ui/status.tsx';
import { Table } from '../../components/ui/table.tsx';
import { dayOf, shortHash, timeOf } from '../../lib/format.ts';
import { actorName } from './decision-words.ts';
import { ReviewBody } from './review-body.tsx';

type Decision = ToolDetail['history'][number];

function wordsFor(entry: Decision): { kind: StatusKind; text: string } {
  const who = actorName(entry.by);
  switch (entry.decision) {
    case 'approved':
      return { kind: 'ok', text: `${who} approved it${entry.effect ? ` as ${effectWord(entry.effect)}` : ''}` };
    case 'blocked':
      return { kind: 'blocked', text: `${who} blocked it` };
    case 'seen':
      return { kind: 'idle', text: 'The server named it for the first time' };
    case 'changed':
      return { kind: 'you', text: 'The server changed it' };
    case 'removed':
      return { kind: 'off', text: 'The server does not name it any more' };
    default:
      return assertNever(entry.decision);
  }
}

/** What happened to the tool, newest first. */
export function HistoryTab({ detail }: { detail: ToolDetail }) {
  const entries = [...detail.history].sort((a, b) => b.at - a.at);
  return (
    <ReviewBody label="History" isWhole>
      <div className="rvm">
        <section>
          <h3>What happened to it</h3>
          <Table label="History" dense className="ann hist">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">What</th>
                <th scope="col">Fingerprint</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => {
                const words = wordsFor(entry);
                return (
                  <tr key={`${entry.at} ${entry.decision} ${entry.fingerprint}`}>
                    <td className="num">
                      {dayOf(entry.at)}, {timeOf(entry.at)}
                    </td>
                    <td>
                      <Status kind={words.kind}>{words.text}</Status>
                    </td>
                    <td className="mono dim" title={entry.fingerprint}>
                      {shortHash(entry.fingerprint)}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </Table>
        </section>
      </div>
    </ReviewBody>
  );
}
