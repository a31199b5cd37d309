import type { Rectangle } from 'electron';
import { z } from 'zod';

export const defaultSize = { width: 1280, height: 832 } as const;
export const minimumSize = { width: 900, height: 600 } as const;

/** What is kept between runs, in `window.json`. */
export const windowStateSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  maximized: z.boolean(),
});
export type WindowState = z.infer<typeof windowStateSchema>;

/** At least this much of the title bar must lie on a screen for the window to be grabbed, in pixels. */
const grip = 48;

function isReachable(state: WindowState, screen: Rectangle): boolean {
  const right = Math.min(state.x + state.width, screen.x + screen.width);
  const visibleWidth = right - Math.max(state.x, screen.x);
  const isTopOnScreen = state.y >= screen.y && state.y <= screen.y + screen.height - grip;
  return visibleWidth >= grip && isTopOnScreen;
}

/**
 * Where the window opens: where it was, unless no screen shows that place any more (then centred by the system).
 * `stored` is whatever the file holds; anything that is not a window state is ignored.
 */
export function openingBounds(
  stored: unknown,
  screens: readonly Rectangle[],
): { width: number; height: number; x?: number; y?: number; maximized: boolean } {
  const parsed = windowStateSchema.safeParse(stored);
  if (!parsed.success) return { ...defaultSize, maximized: false };
  const state = parsed.data;
  const width = Math.max(state.width, minimumSize.width);
  const height = Math.max(state.height, minimumSize.height);
  if (!screens.some((screen) => isReachable(state, screen))) return { width, height, maximized: state.maximized };
  return { width, height, x: state.x, y: state.y, maximized: state.maximized };
}
