import { createStore } from '../lib/store.ts';

export const isPaletteOpen = createStore(false);

export function openPalette(): void {
  isPaletteOpen.set(true);
}
