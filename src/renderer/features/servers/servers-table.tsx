import type { ServerSummary } from '@shared/contract/index.ts';
import { Fragment } from 'react';
import { moveBetweenRows, Table, TableGroup } from '../../components/ui/table.tsx';
import { useNow } from '../../lib/use-now.ts';
import { ServerRow } from './server-row.tsx';
import { type RowGroup, useSteadyGroups } from './steady-groups.ts';

interface ServersTableProps {
  servers: readonly ServerSummary[];
  groups: readonly RowGroup[];
  /** Filter and search in words; another question is another list. */
  question: string;
}

export function ServersTable({ servers, groups, question }: ServersTableProps) {
  const now = useNow(30_000);
  const steady = useSteadyGroups(groups, question);
  const byName = new Map(servers.map((server) => [server.name, server]));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the rows inside are the controls; this only moves between them
    <div className="scroll" onKeyDown={moveBetweenRows} {...steady.hold}>
      <Table label="Servers" className="srv">
        <thead>
          <tr>
            <th scope="col">Server</th>
            <th scope="col">State</th>
            <th scope="col">Isolation</th>
            <th scope="col" className="tr">
              Tools
            </th>
            <th scope="col" className="tr">
              Calls, last hour
            </th>
            <th scope="col" className="tr">
              Last used
            </th>
            <th scope="col">
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {steady.groups.map((group) => (
            <Fragment key={group.key}>
              <TableGroup columns={7}>{group.name}</TableGroup>
              {group.rows.map((name) => {
                const server = byName.get(name);
                return server && <ServerRow key={name} server={server} now={now} />;
              })}
            </Fragment>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
