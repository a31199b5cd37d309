import type { ToolSummary } from '@shared/contract/index.ts';
import { useState } from 'react';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { SearchField } from '../../components/ui/field.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { byKind, countOffers } from '../../lib/offers.ts';
import { sortTools } from './tool-states.ts';
import { fitsSearch } from './tools-tab.tsx';
import { ToolsTable } from './tools-table.tsx';

/** Rows drawn at once; a server may list thousands of resources. */
const most = 500;

/** Prompts, resources and resource templates of one server. */
export function OffersTab({ offers }: { offers: readonly ToolSummary[] }) {
  const [search, setSearch] = useState('');
  const found = sortTools(offers)
    .filter((offer) => fitsSearch(offer, search))
    .sort(byKind);
  return (
    <>
      <SearchField
        label="Find a prompt or resource"
        value={search}
        onChange={setSearch}
        keys={['/']}
        isPageFilter
        className="mt-4 w-[320px]"
      />
      <Panel className="mt-3">
        {found.length > 0 ? (
          <ToolsTable tools={found.slice(0, most)} withDescription label="Prompts and resources" />
        ) : (
          <EmptyState icon="filter" title="Nothing fits">
            None of {countOffers(offers)} matches “{search}”.
          </EmptyState>
        )}
      </Panel>
      {found.length > most && (
        <p className="meta mt-1">
          The first {most} of {found.length}. Search to see others.
        </p>
      )}
    </>
  );
}
