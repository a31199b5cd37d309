import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { Icon, type IconName } from '../icon/icon.tsx';
import { Kbd, type Key } from './kbd.tsx';

export type MenuEntry =
  | {
      kind?: 'item';
      label: ReactNode;
      icon?: IconName;
      detail?: ReactNode;
      keys?: readonly Key[];
      danger?: boolean;
      disabled?: boolean;
      onSelect: () => void;
    }
  | { kind: 'heading'; label: string }
  | { kind: 'line' };

interface MenuProps {
  /** The button that opens it. */
  children: ReactNode;
  label: string;
  entries: readonly MenuEntry[];
  align?: 'start' | 'end';
}

export function Menu({ children, label, entries, align = 'end' }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align={align} sideOffset={4} collisionPadding={8} aria-label={label}>
          {entries.map((entry, index) => {
            // Entries are fixed while a menu is open, so their place identifies them.
            const key = `${entry.kind ?? 'item'}-${index}`;
            if (entry.kind === 'line') return <DropdownMenu.Separator key={key} className="ml" />;
            if (entry.kind === 'heading') {
              return (
                <DropdownMenu.Label key={key} className="mh">
                  {entry.label}
                </DropdownMenu.Label>
              );
            }
            return (
              <DropdownMenu.Item
                key={key}
                className={classNames('mi', entry.danger && 'c-brick')}
                disabled={entry.disabled}
                onSelect={entry.onSelect}
              >
                {entry.icon && <Icon name={entry.icon} size="s" />}
                <span className="grow">{entry.label}</span>
                {entry.detail && <span className="dimmer">{entry.detail}</span>}
                {entry.keys && <Kbd keys={entry.keys} />}
              </DropdownMenu.Item>
            );
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
