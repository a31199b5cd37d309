import type { CatalogItem } from '@shared/contract/index.ts';
import { Checkbox } from '../../components/ui/choice.tsx';
import { type CatalogFilter, categories, categoryNames, filterCatalog } from './catalog-words.ts';

interface CatalogNavProps {
  items: readonly CatalogItem[];
  filter: CatalogFilter;
  onChange: (filter: CatalogFilter) => void;
}

/** Categories with how many fit the rest of the filter, and what to leave out. */
export function CatalogNav({ items, filter, onChange }: CatalogNavProps) {
  const fitting = filterCatalog(items, { ...filter, category: null });
  const present = categories.filter((category) => items.some((item) => item.category === category));
  return (
    <nav className="cats" aria-label="Categories">
      <CategoryButton
        label="All"
        count={fitting.length}
        isOn={filter.category === null}
        onPress={() => onChange({ ...filter, category: null })}
      />
      {present.map((category) => (
        <CategoryButton
          key={category}
          label={categoryNames[category]}
          count={fitting.filter((item) => item.category === category).length}
          isOn={filter.category === category}
          onPress={() => onChange({ ...filter, category })}
        />
      ))}
      <div className="h4">Only show</div>
      <div className="only">
        <Checkbox checked={filter.officialOnly} onChange={(officialOnly) => onChange({ ...filter, officialOnly })}>
          By the vendor
        </Checkbox>
        <Checkbox checked={filter.noSecretOnly} onChange={(noSecretOnly) => onChange({ ...filter, noSecretOnly })}>
          No secret needed
        </Checkbox>
        <Checkbox checked={filter.offlineOnly} onChange={(offlineOnly) => onChange({ ...filter, offlineOnly })}>
          Works offline
        </Checkbox>
      </div>
    </nav>
  );
}

interface CategoryButtonProps {
  label: string;
  count: number;
  isOn: boolean;
  onPress: () => void;
}

function CategoryButton({ label, count, isOn, onPress }: CategoryButtonProps) {
  return (
    <button type="button" className="ci" aria-current={isOn || undefined} onClick={onPress}>
      <span>{label}</span>
      <span className="num">{count}</span>
    </button>
  );
}
