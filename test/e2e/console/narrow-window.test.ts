/** 960 pixels: a small laptop window, or 1920 at 200 % zoom. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findings } from './axe-findings.ts';
import { onScreen, personInABusyHouse, screens } from './every-screen.ts';
import type { Person } from './person.ts';

/** What would have to be scrolled sideways, and what can be pressed but lies outside the window. */
function outside(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const name = (element: Element) => element.outerHTML.slice(0, 140);
    const found: string[] = [];
    const room = document.documentElement;
    if (room.scrollWidth > innerWidth) found.push(`the page is ${room.scrollWidth} pixels wide`);
    for (const element of document.body.querySelectorAll<HTMLElement>('*')) {
      const style = getComputedStyle(element);
      const scrolls = style.overflowX === 'auto' || style.overflowX === 'scroll';
      if (scrolls && element.scrollWidth > element.clientWidth + 1) found.push(`scrolls sideways: ${name(element)}`);
    }
    for (const element of document.body.querySelectorAll('button, a[href], input, [role="switch"], h1, h2')) {
      const { left, right, width } = element.getBoundingClientRect();
      if (width > 0 && (left < -1 || right > innerWidth + 1)) found.push(`outside: ${name(element)}`);
    }
    return found;
  });
}

describe('In a window of 960 pixels', () => {
  let person: Person;
  beforeAll(async () => {
    person = await personInABusyHouse({ viewport: { width: 960, height: 700 } });
  });
  afterAll(() => person?.[Symbol.asyncDispose]());

  it.each(screens)('$name fits', async (screen) => {
    expect(await onScreen(person, screen, outside)).toEqual([]);
  });

  // Their second-rank columns go and their text wraps, so that other things may scroll than in the wide window.
  const reviews = screens.filter(({ name }) => /^(Approvals|A server, its|A call)/.test(name));
  it.each(reviews)('$name has no serious accessibility problem', async (screen) => {
    expect(await onScreen(person, screen, (page) => findings(page, 'light'))).toEqual([]);
  });
});
