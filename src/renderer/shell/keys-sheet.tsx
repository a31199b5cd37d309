import { Kbd, type Key } from '../components/ui/kbd.tsx';
import { Sheet } from '../components/ui/sheet.tsx';

const everywhere: readonly [keys: readonly Key[], does: string][] = [
  [['mod', 'K'], 'Search or run a command'],
  [['mod', '1'], 'Home, and 2 to 6 for the sections below it'],
  [['mod', 'shift', 'P'], 'Pause or resume all tools'],
  [['F6'], 'To the next part of the window'],
  [['J'], 'Next row, also arrow down'],
  [['K'], 'Previous row, also arrow up'],
  [['enter'], 'Open the row'],
  [['/'], 'Filter this list'],
  [['Esc'], 'Close what is open'],
  [['?'], 'These keys'],
];

export function KeysSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Sheet open={open} onClose={onClose} title="Keys" subtitle="Single letters work when no field has the focus.">
      <dl className="keys">
        {everywhere.map(([keys, does]) => (
          <div key={does}>
            <dt>
              <Kbd keys={keys} />
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}
