import { useEffect, useRef } from 'react';
import { hasMod } from './platform.ts';
import { createStore } from './store.ts';

/** Whether single letters act; a preference, because they can surprise people who use voice control. */
export const singleKeysOn = createStore(true);

/**
 * Keys of a page, in any case: `k`, `ArrowDown`, `Escape`, `mod+K`, `mod+shift+P`, `?`. Return false from an action to let the key go
 * on. Single characters act only while no field and no dialog has the focus.
 */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => unknown>>;

function comboOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  // A shifted sign such as ? is its own key; only letters and named keys keep "shift".
  const isShifted = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key));
  return [hasMod(event) && 'mod', event.altKey && 'alt', isShifted && 'shift', key].filter(Boolean).join('+');
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input, textarea, select, [role="listbox"], [role="menu"]') !== null)
  );
}

export function useKeys(keys: KeyMap): void {
  const current = useRef<KeyMap>({});
  useEffect(() => {
    current.current = Object.fromEntries(Object.entries(keys).map(([combo, action]) => [combo.toLowerCase(), action]));
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const combo = comboOf(event);
      const action = current.current[combo];
      if (!action) return;
      const isSingle = event.key.length === 1 && !combo.includes('mod+');
      if (isSingle && (!singleKeysOn.get() || isTyping(event.target))) return;
      // Behind a modal only the keys of that modal act.
      if (isSingle && document.querySelector('[data-modal]')) return;
      if (action(event) === false) return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
