import { classNames } from '../../lib/class-names.ts';
import { Icon, type IconName } from '../icon/icon.tsx';

type TileSize = 's' | 'm' | 'l';

export function Tile({ icon, size = 'm' }: { icon: IconName; size?: TileSize }) {
  return (
    <span className={classNames('tile', size !== 'm' && size)} aria-hidden="true">
      <Icon name={icon} />
    </span>
  );
}

const known: Record<string, string> = {
  'Claude Code': 'CC',
  'Claude Desktop': 'CD',
  Cursor: 'Cu',
  'VS Code': 'VS',
  Codex: 'Cx',
  'Codex CLI': 'Cx',
  'Gemini CLI': 'Ge',
};

/** Two letters for an AI app: initials of two words, else its first two letters. */
function monogramOf(name: string): string {
  const words = name.split(/[\s\-_.]+/).filter(Boolean);
  const [first = '?', second] = words;
  const letters = second ? `${first[0] ?? ''}${second[0] ?? ''}`.toUpperCase() : first.slice(0, 2);
  return known[name] ?? (second ? letters : letters.charAt(0).toUpperCase() + letters.slice(1));
}

/** Stands for an AI app; its name is always beside it or in the row. */
export function Monogram({ name, size = 's' }: { name: string; size?: TileSize }) {
  return (
    <span className={classNames('tile', size !== 'm' && size)} aria-hidden="true">
      <span className="mgr">{monogramOf(name)}</span>
    </span>
  );
}
