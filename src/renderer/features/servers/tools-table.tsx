import type { ToolSummary } from '@shared/contract/index.ts';
import { useNavigate } from '@tanstack/react-router';
import { EffectMark } from '../../components/ui/effect-mark.tsx';
import { LongName } from '../../components/ui/long-name.tsx';
import { Status } from '../../components/ui/status.tsx';
import { moveBetweenRows, Table, TableRow } from '../../components/ui/table.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { offerWords } from '../../lib/offers.ts';
import { useNow } from '../../lib/use-now.ts';
import { toolState } from './tool-states.ts';

interface ToolsTableProps {
  tools: readonly ToolSummary[];
  /** Adds what each tool says about itself. */
  withDescription?: boolean;
  label?: string;
}

/** What one server offers; a row opens it in Approvals, where it can be read and decided on. */
export function ToolsTable({ tools, withDescription = false, label = 'Tools' }: ToolsTableProps) {
  const navigate = useNavigate();
  const now = useNow(60_000);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the rows inside are the controls; this only moves between them
    <div onKeyDown={moveBetweenRows}>
      <Table label={label} dense className="tools">
        <thead className="sr">
          <tr>
            <th scope="col">Name</th>
            <th scope="col">{tools.every((tool) => tool.kind === 'tool') ? 'Effect' : 'Kind'}</th>
            <th scope="col">State</th>
            {withDescription && <th scope="col">What it says</th>}
            <th scope="col">Open</th>
          </tr>
        </thead>
        <tbody>
          {tools.map((tool) => {
            const state = toolState(tool, now);
            return (
              <TableRow
                key={tool.id}
                onOpen={() => void navigate({ to: '/approvals', search: { server: tool.server, tool: tool.id } })}
              >
                <td className="toolname mono">
                  <LongName text={tool.name} />
                </td>
                <td>
                  {tool.kind === 'tool' ? (
                    <>
                      <EffectMark effect={tool.effect ?? tool.suggestedEffect} />
                      {tool.effect === null && <span className="sr"> suggested</span>}
                    </>
                  ) : (
                    <span className="dim nw">{offerWords[tool.kind].one}</span>
                  )}
                </td>
                <td>
                  <Status kind={state.kind} className={state.waits ? 'c-brass m' : undefined}>
                    {state.text}
                  </Status>
                </td>
                {withDescription && (
                  <td className="says dim">
                    <VisibleText text={tool.description.split('\n')[0] ?? ''} />
                  </td>
                )}
                <td className="tr">
                  <span className="link">{state.waits ? 'Review' : 'Open'}</span>
                </td>
              </TableRow>
            );
          })}
        </tbody>
      </Table>
    </div>
  );
}
