import type { CatalogItem } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Segmented } from '../../components/ui/choice.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { SearchField } from '../../components/ui/field.tsx';
import { api } from '../../lib/client.ts';
import { count } from '../../lib/format.ts';
import { Page } from '../../shell/page.tsx';
import { AddEntrySheet } from './add-entry-sheet.tsx';
import { CatalogNav } from './catalog-nav.tsx';
import { type CatalogFilter, filterCatalog, isCategory, noFilter } from './catalog-words.ts';
import { EntryCard } from './entry-card.tsx';

export function CatalogPage() {
  const navigate = useNavigate();
  const { add } = useSearch({ from: '/catalog' });
  const catalog = useQuery(api.catalog.list.queryOptions());
  const item = catalog.data?.find((it) => it.id === add);
  const byHand = () => void navigate({ to: '/servers', search: { add: '1' } });
  return (
    <Page
      title="Catalog"
      fill
      actions={
        <Button tone="ghost" icon="terminal" onClick={byHand}>
          Add by command or address
        </Button>
      }
    >
      {catalog.isPending && <Skeleton label="Loading the catalog" />}
      {catalog.isError && (
        <ErrorState title="The catalog cannot be read" error={catalog.error} onRetry={() => void catalog.refetch()}>
          Servers can still be added by their command or address.
        </ErrorState>
      )}
      {catalog.data && <Shelves items={catalog.data} onByHand={byHand} />}
      {item && (
        <AddEntrySheet
          key={item.id}
          item={item}
          onClose={() => void navigate({ to: '/catalog', search: ({ add: _, ...rest }) => rest, replace: true })}
        />
      )}
    </Page>
  );
}

type Order = 'suggested' | 'a-z';

function Shelves({ items, onByHand }: { items: readonly CatalogItem[]; onByHand: () => void }) {
  const navigate = useNavigate();
  const { search = '', category } = useSearch({ from: '/catalog' });
  const [options, setOptions] = useState(noFilter);
  const [order, setOrder] = useState<Order>('suggested');
  const filter: CatalogFilter = { ...options, search, category: isCategory(category) ? category : null };
  const change = (next: CatalogFilter) => {
    setOptions(next);
    const place = { search: next.search || undefined, category: next.category ?? undefined };
    void navigate({ to: '/catalog', search: place, replace: true });
  };
  const shown = filterCatalog(items, filter);
  if (order === 'a-z') shown.sort((a, b) => a.title.localeCompare(b.title));
  return (
    <div className="catl">
      <CatalogNav items={items} filter={filter} onChange={change} />
      <div className="catm">
        <div className="row mb-3">
          <SearchField
            label="Search the catalog"
            placeholder={`Search ${count(items.length)} servers: “issues”, “query a database”, “screenshots”`}
            value={search}
            onChange={(next) => change({ ...filter, search: next })}
            keys={['/']}
            isPageFilter
            big
            className="grow"
          />
          <Segmented
            label="Order"
            value={order}
            onChange={setOrder}
            options={[
              { value: 'suggested', label: 'Suggested' },
              { value: 'a-z', label: 'A to Z' },
            ]}
          />
        </div>
        {shown.length > 0 ? (
          <div className="cards">
            {shown.map((item) => (
              <EntryCard
                key={item.id}
                item={item}
                onAdd={() => void navigate({ to: '/catalog', search: (before) => ({ ...before, add: item.id }) })}
              />
            ))}
          </div>
        ) : (
          <EmptyState
            icon="search"
            title={search ? `No server matches “${search}”` : 'No server fits'}
            actions={
              <>
                <Button onClick={onByHand}>Add by command or address</Button>
                <Button tone="ghost" onClick={() => change(noFilter)}>
                  Show all {count(items.length)}
                </Button>
              </>
            }
          >
            You can add any server by the command or address its documentation names.
          </EmptyState>
        )}
      </div>
    </div>
  );
}
