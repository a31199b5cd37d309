import { useRouterState } from '@tanstack/react-router';
import { Kbd, type Key } from '../components/ui/kbd.tsx';
import { Sheet } from '../components/ui/sheet.tsx';

interface KeyLine {
  keys: readonly Key[];
  does: string;
}

const everywhere: readonly KeyLine[] = [
  { keys: ['mod', 'K'], does: 'Search or run a command' },
  { keys: ['mod', '1'], does: 'Home, and 2 to 7 for the sections below it' },
  { keys: ['mod', ','], does: 'Settings' },
  { keys: ['mod', 'shift', 'P'], does: 'Pause or resume all tools' },
  { keys: ['F6'], does: 'To the next part of the window' },
  { keys: ['Esc'], does: 'Close what is open' },
  { keys: ['?'], does: 'These keys' },
];

const inLists: readonly KeyLine[] = [
  { keys: ['J'], does: 'Next row, also arrow down' },
  { keys: ['K'], does: 'Previous row, also arrow up' },
  { keys: ['enter'], does: 'Open the row' },
  { keys: ['/'], does: 'Filter this list' },
];

/** Keys of one screen, by the beginning of its path. */
const ofScreen: readonly { path: string; lines: readonly KeyLine[] }[] = [
  {
    path: '/approvals',
    lines: [
      { keys: ['A'], does: 'Approve' },
      { keys: ['B'], does: 'Block' },
      { keys: ['1'], does: 'Effect class Read, 2 for Write, 3 for Destructive' },
    ],
  },
  { path: '/servers/', lines: [{ keys: ['R'], does: 'Restart this server' }] },
  { path: '/servers', lines: [{ keys: ['A'], does: 'Add a server' }] },
];

function Lines({ title, lines }: { title: string; lines: readonly KeyLine[] }) {
  return (
    <>
      <h3>{title}</h3>
      <dl>
        {lines.map((line) => (
          <div key={line.does}>
            <dt>
              <Kbd keys={line.keys} />
            </dt>
            <dd>{line.does}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

export function KeysSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const screen = ofScreen.find((it) => path.startsWith(it.path));
  return (
    <Sheet open={open} onClose={onClose} title="Keys" subtitle="Single letters work when no field has the focus.">
      <div className="keys">
        {screen && <Lines title="On this screen" lines={screen.lines} />}
        <Lines title="In lists" lines={inLists} />
        <Lines title="Everywhere" lines={everywhere} />
      </div>
    </Sheet>
  );
}
