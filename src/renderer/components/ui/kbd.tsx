import { isMac } from '../../lib/platform.ts';
import { Icon, type IconName } from '../icon/icon.tsx';

export type Key = 'mod' | 'shift' | 'alt' | 'enter' | (string & {});

const macIcon: Record<string, IconName> = { mod: 'k-cmd', shift: 'k-shift', alt: 'k-opt', enter: 'k-enter' };
const word: Record<string, string> = { mod: 'Ctrl', shift: 'Shift', alt: 'Alt' };

/** Key caps for the eye; the control itself carries `aria-keyshortcuts`. */
export function Kbd({ keys }: { keys: readonly Key[] }) {
  if (!isMac) {
    return (
      <span className="kbd" aria-hidden="true">
        {keys.map((key) => (key === 'enter' ? 'Enter' : (word[key] ?? key))).join(' ')}
      </span>
    );
  }
  return (
    <span className="kbd" aria-hidden="true">
      {keys.map((key) => {
        const icon = macIcon[key];
        return icon ? <Icon key={key} name={icon} /> : key;
      })}
    </span>
  );
}
