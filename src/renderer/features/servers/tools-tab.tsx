import type { ServerDetail, ToolSummary } from '@shared/contract/index.ts';
import { useState } from 'react';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { SearchField } from '../../components/ui/field.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { sortTools } from './tool-states.ts';
import { ToolsTable } from './tools-table.tsx';

/** Why a server shows no tools, and what to do. */
export function NoTools({ server }: { server: ServerDetail }) {
  if (server.approval !== 'approved') {
    return (
      <EmptyState icon="hand" title="Not known yet">
        Gatehouse asks for its tools when you have approved how it starts.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="list" title="No tools">
      {server.health === 'starting'
        ? 'It is starting. Its tools appear here as soon as it names them.'
        : 'It has not named any. Restart it to ask again.'}
    </EmptyState>
  );
}

/** True when every word is in what it is called or says. */
export function fitsSearch(tool: ToolSummary, search: string): boolean {
  const text = `${tool.name} ${tool.title ?? ''} ${tool.description}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function ToolsTab({ server, tools }: { server: ServerDetail; tools: readonly ToolSummary[] }) {
  const [search, setSearch] = useState('');
  const shown = sortTools(tools).filter((tool) => fitsSearch(tool, search));
  if (tools.length === 0) return <NoTools server={server} />;
  return (
    <>
      <SearchField
        label="Find a tool"
        value={search}
        onChange={setSearch}
        keys={['/']}
        isPageFilter
        className="mt-4 w-[320px]"
      />
      <Panel className="mt-3">
        {shown.length > 0 ? (
          <ToolsTable tools={shown} withDescription />
        ) : (
          <EmptyState icon="filter" title="No tool fits">
            None of {tools.length} tools matches “{search}”.
          </EmptyState>
        )}
      </Panel>
    </>
  );
}
