import type { OfferKind } from '@shared/words.ts';
import { offerWords } from '../../lib/offers.ts';
import { Icon } from '../icon/icon.tsx';

/** What it is that a server offers, where tools show their effect. */
export function OfferMark({ kind }: { kind: Exclude<OfferKind, 'tool'> }) {
  const { one, icon } = offerWords[kind];
  return (
    <span className="offermark" title={one}>
      <Icon name={icon} size="s" />
      <span className="sr">{one} </span>
    </span>
  );
}
