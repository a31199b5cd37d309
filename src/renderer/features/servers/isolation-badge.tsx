import type { Isolation } from '@shared/contract/index.ts';
import { Icon, type IconName } from '../../components/icon/icon.tsx';
import { classNames } from '../../lib/class-names.ts';

interface Shown {
  icon: IconName;
  word: string;
  fact: string;
  tone: 'plain' | 'brass' | 'moss';
}

const shown: Record<Isolation, Shown> = {
  none: { icon: 'shield-off', word: 'On this machine', fact: 'not isolated', tone: 'brass' },
  remote: { icon: 'cloud', word: 'Remote', fact: 'runs elsewhere', tone: 'plain' },
  os: { icon: 'lock', word: 'Sealed', fact: 'by this system', tone: 'moss' },
  docker: { icon: 'box', word: 'Sandboxed', fact: 'in a container', tone: 'moss' },
};

/** How closed a server is. Brass says out loud that it is not. */
export function IsolationBadge({ isolation }: { isolation: Isolation }) {
  const { icon, word, fact, tone } = shown[isolation];
  return (
    <span className={classNames('sbx', tone !== 'plain' && tone)}>
      <Icon name={icon} size="s" />
      <b>{word}</b>
      <span>{fact}</span>
    </span>
  );
}
