import type { CatalogItem } from '@shared/contract/index.ts';
import { Icon } from '../../components/icon/icon.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Chip } from '../../components/ui/chip.tsx';
import { Tile } from '../../components/ui/tile.tsx';
import { plural } from '../../lib/format.ts';
import { iconNamed } from '../../lib/server-icon.ts';

/** Who publishes it; the mark only when the owner of the product does. */
export function Vendor({ item, children }: { item: CatalogItem; children?: React.ReactNode }) {
  return (
    <div className={item.official ? 'vend ok' : 'vend'}>
      {item.official && <Icon name="verified" size="s" />}
      <span className="cut">
        {item.vendor}
        {item.official && <span className="sr">, official</span>}
      </span>
      {children}
    </div>
  );
}

function Needs({ item }: { item: CatalogItem }) {
  const secrets = item.inputs.filter((input) => input.type === 'secret' && input.required).length;
  const places = item.inputs.filter((input) => input.type === 'directory' || input.type === 'file').length;
  const isRemote = item.package.kind === 'remote';
  return (
    <div className="cf">
      <span className={isRemote ? undefined : 'brass'}>
        <Icon name={isRemote ? 'cloud' : 'shield-off'} size="s" />
        {isRemote ? 'Remote' : 'On this machine'}
      </span>
      {item.hosts.length > 0 && (
        <span title={item.hosts.join(', ')}>
          <Icon name="globe" size="s" />
          {plural(item.hosts.length, 'host')}
        </span>
      )}
      {!item.needsNetwork && (
        <span>
          <Icon name="unplug" size="s" />
          offline
        </span>
      )}
      {secrets > 0 && (
        <span>
          <Icon name="key" size="s" />
          {plural(secrets, 'secret')}
        </span>
      )}
      {places > 0 && (
        <span>
          <Icon name="folder" size="s" />
          {plural(places, 'path')}
        </span>
      )}
    </div>
  );
}

export function EntryCard({ item, onAdd }: { item: CatalogItem; onAdd: () => void }) {
  return (
    <article className="card" aria-label={item.title}>
      <div className="row top g12">
        <Tile icon={iconNamed(item.icon, 'box')} />
        <div className="grow">
          <h2>{item.title}</h2>
          <Vendor item={item}>
            {item.tools.length > 0 && <span className="num nw dot2">{plural(item.tools.length, 'tool')}</span>}
          </Vendor>
        </div>
        {item.addedAs.length > 0 ? (
          <Chip tone="moss" icon="check">
            Added
          </Chip>
        ) : (
          <Button size="sm" aria-label={`Add ${item.title}`} onClick={onAdd}>
            Add
          </Button>
        )}
      </div>
      <p>{item.description}</p>
      <Needs item={item} />
    </article>
  );
}
