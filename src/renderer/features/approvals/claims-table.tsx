import type { ToolDetail } from '@shared/contract/index.ts';
import { Table } from '../../components/ui/table.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { claimsOf } from './claims.ts';

/** Annotations: what the server says about its tool. Nobody has checked it. */
export function ClaimsTable({ detail }: { detail: ToolDetail }) {
  const isChange = detail.diff !== null;
  const claims = claimsOf(detail.definition, isChange ? detail.approvedDefinition : null);
  return (
    <section>
      <h3>
        What the server says about it <span className="meta">annotations are claims, not proof</span>
      </h3>
      <Table label="What the server says about it" dense className={isChange ? 'ann' : 'ann claims'}>
        <thead>
          <tr>
            <th scope="col">Claim</th>
            {isChange && <th scope="col">Approved</th>}
            <th scope="col">{isChange ? 'Now' : 'It says'}</th>
            {!isChange && <th scope="col">Which means</th>}
          </tr>
        </thead>
        <tbody>
          {claims.map((claim) => (
            <tr key={claim.name}>
              <td className="mono">
                <VisibleText text={claim.name} />
              </td>
              {claim.approved === undefined ? (
                <td className={claim.now === 'not set' ? 'dimmer' : undefined}>
                  <VisibleText text={claim.now} />
                </td>
              ) : (
                <ClaimChange approved={claim.approved} now={claim.now} />
              )}
              {!isChange && <td className="dim">{claim.means}</td>}
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}

function ClaimChange({ approved, now }: { approved: string; now: string }) {
  if (approved === now) {
    return (
      <>
        <td className="dim">
          <VisibleText text={approved} />
        </td>
        <td className="dim">
          <VisibleText text={now} />
        </td>
      </>
    );
  }
  return (
    <>
      <td>
        <del>
          <VisibleText text={approved} />
        </del>
      </td>
      <td>
        <ins>
          <VisibleText text={now} />
        </ins>
      </td>
    </>
  );
}
