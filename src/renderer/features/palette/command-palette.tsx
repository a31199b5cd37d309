import { Command } from 'cmdk';
import { Dialog } from 'radix-ui';
import { useMemo, useState } from 'react';
import { Icon } from '../../components/icon/icon.tsx';
import { EffectMark } from '../../components/ui/effect-mark.tsx';
import { Kbd } from '../../components/ui/kbd.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { focusOpener } from '../../lib/opener.ts';
import { useStore } from '../../lib/store.ts';
import { isPaletteOpen } from '../../shell/palette-state.ts';
import { type PaletteItem, usePaletteItems } from './palette-items.ts';
import { matchOf, type PaletteQuery, type PaletteScope, parseQuery } from './palette-query.ts';

const scopeWords: Record<PaletteScope, string> = {
  everything: 'in everything',
  commands: 'in commands',
  apps: 'in AI apps',
  servers: 'in servers',
  call: 'by call number',
};

function Label({ item, query }: { item: PaletteItem; query: PaletteQuery }) {
  const match = matchOf(item.label, query.text);
  const { from, to } = match ?? { from: 0, to: 0 };
  return (
    <span className={item.isName ? 'mono cut' : undefined}>
      <VisibleText text={item.label.slice(0, from)} />
      {to > from && <b>{item.label.slice(from, to)}</b>}
      <VisibleText text={item.label.slice(to)} />
    </span>
  );
}

function Row({ item, query }: { item: PaletteItem; query: PaletteQuery }) {
  return (
    <Command.Item
      value={item.id}
      onSelect={() => {
        isPaletteOpen.set(false);
        item.run();
      }}
    >
      {'icon' in item.face ? <Icon name={item.face.icon} /> : <EffectMark effect={item.face.effect} />}
      <Label item={item} query={query} />
      <span className="meta grow cut">{item.detail}</span>
      {item.keys && <Kbd keys={item.keys} />}
    </Command.Item>
  );
}

function Palette() {
  const [input, setInput] = useState('');
  const query = useMemo(() => parseQuery(input), [input]);
  const items = usePaletteItems(query);
  const groups = Map.groupBy(items, (item) => item.group);
  return (
    <Command label="Search or run a command" shouldFilter={false} loop>
      <div className="pal-i">
        <Icon name="search" />
        <Command.Input
          className="grow"
          value={input}
          onValueChange={setInput}
          placeholder="Search or run"
          spellCheck={false}
        />
        <span className="meta">{scopeWords[query.scope]}</span>
      </div>
      <Command.List label="Results">
        <Command.Empty className="pal-e">
          {query.scope === 'call' && query.text === ''
            ? 'Type the number of a call.'
            : `Nothing matches “${query.text}”.`}
        </Command.Empty>
        {[...groups].map(([group, members]) => (
          <Command.Group key={group} heading={group}>
            {members.map((item) => (
              <Row key={item.id} item={item} query={query} />
            ))}
          </Command.Group>
        ))}
      </Command.List>
      <div className="pal-f">
        <span>
          <Kbd keys={['enter']} /> run
        </span>
        <span>
          <Kbd keys={['Esc']} /> close
        </span>
        <span className="grow" />
        <span>
          <b>&gt;</b> commands
        </span>
        <span>
          <b>@</b> apps
        </span>
        <span>
          <b>#</b> servers
        </span>
        <span>
          <b>:</b> call number
        </span>
      </div>
    </Command>
  );
}

/** ⌘K: one field for everything that can be done or found. */
export function CommandPalette() {
  const isOpen = useStore(isPaletteOpen);
  return (
    <Dialog.Root open={isOpen} onOpenChange={isPaletteOpen.set}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim top" />
        <Dialog.Content className="pal" data-modal="" aria-describedby={undefined} onCloseAutoFocus={focusOpener}>
          <Dialog.Title className="sr">Search or run a command</Dialog.Title>
          <Palette />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
