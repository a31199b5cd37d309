/** Every screen as axe-core reads it, in both themes; and the whole of it by keyboard alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatehouse } from '../../fixtures/gatehouse-process.ts';
import { until } from '../../fixtures/until.ts';
import { findings } from './axe-findings.ts';
import { onScreen, personInABusyHouse, screens } from './every-screen.ts';
import { mod, type Person } from './person.ts';

let person: Person;
beforeAll(async () => {
  person = await personInABusyHouse();
});
afterAll(() => person?.[Symbol.asyncDispose]());

describe.each(['light', 'dark'] as const)('In the %s theme', (theme) => {
  beforeAll(() => person.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' }));

  it.each(screens)('$name has no serious accessibility problem', async (screen) => {
    expect(await onScreen(person, screen, (page) => findings(page, theme))).toEqual([]);
  });
});

describe('With the keyboard alone', () => {
  const focused = () =>
    person.page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      // The palette's one field has no ring: nothing else in it takes the focus, and the caret shows it.
      const ringed =
        element.matches('[cmdk-input]') ||
        [element, element.parentElement].some((it) => {
          const style = it && getComputedStyle(it);
          return style && style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2;
        });
      const { top, bottom, left, right, width, height } = element.getBoundingClientRect();
      const isOnScreen = width > 0 && height > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
      return { what: element.outerHTML.slice(0, 160), ringed, isOnScreen };
    });

  it.each(screens)('$name: wherever Tab goes, the focus can be seen', async (screen) => {
    const lost = await onScreen(person, screen, async (page) => {
      const unseen = new Set<string>();
      for (let stop = 0; stop < 30; stop += 1) {
        await page.keyboard.press('Tab');
        const at = await focused();
        if (at && !(at.ringed && at.isOnScreen)) unseen.add(at.what);
      }
      return [...unseen];
    });
    expect(lost).toEqual([]);
  });

  it('F6 goes through the regions of a page and comes round, Shift F6 goes back', async () => {
    await person.goTo('/approvals?server=words&tool=lookup');
    await person.page.getByRole('region', { name: 'Your decision' }).waitFor();
    const region = () =>
      person.page.evaluate(() => document.activeElement?.closest('[data-region]')?.getAttribute('data-region') ?? null);
    const visited: (string | null)[] = [];
    for (let step = 0; step < 6; step += 1) {
      await person.page.keyboard.press('F6');
      visited.push(await region());
    }
    const all = ['gate', 'sections', 'header', 'main', 'aside'];
    expect(new Set(visited)).toEqual(new Set(all));
    expect(visited[5]).toBe(visited[0]);
    await person.page.keyboard.press('Shift+F6');
    expect(await region()).toBe(visited[4]);
  });

  it('a sheet keeps the focus inside and gives it back', async () => {
    await person.goTo('/servers');
    const { page } = person;
    const opener = page.getByRole('button', { name: 'Add server' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Add a server' }).waitFor();
    for (let stop = 0; stop < 15; stop += 1) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null)).toBe(true);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await opener.evaluate((it) => it === document.activeElement)).toBe(true);
  });

  it('the palette runs a command, and the focus goes where the command leads', async () => {
    const { page } = person;
    await person.goTo('/activity');
    await page.keyboard.press(`${mod}+k`);
    await page.getByRole('combobox').fill('Add a server by command');
    await page.getByRole('option', { name: /^Add a server by command/, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    const field = page.getByRole('dialog', { name: 'Add a server' }).getByRole('textbox', { name: 'Name *' });
    await field.waitFor();
    await until(() => field.evaluate((it) => it === document.activeElement));
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('a tool is found, classed and approved without a pointer', async () => {
    const { page } = person;
    const stateOf = async (id: string) =>
      ((await gatehouse(person.dataDir, 'tool', 'list')) as { id: string; state: string; effect: string }[]).find(
        (tool) => tool.id === id,
      );
    await person.goTo('/');
    await page.keyboard.press(`${mod}+2`);
    await page.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor();
    const title = page.getByRole('heading', { level: 2 }).first();
    let key = 'j';
    await until(
      async () => {
        const shown = await title.textContent();
        if (shown?.includes('delete_all')) return true;
        await page.keyboard.press(key);
        // The next press counts from where this one led; at the end of the list it leads nowhere, so back up.
        await until(async () => (await title.textContent()) !== shown, { timeoutMs: 1_000 }).catch(() => {
          key = 'k';
        });
        return false;
      },
      { timeoutMs: 30_000, what: 'J and K reaching delete_all' },
    );
    await page.getByRole('region', { name: 'Your decision' }).waitFor();
    // On to the decision by Tab, as somebody without letter keys would.
    const reach = async (role: 'radio' | 'button', name: RegExp) => {
      const target = page.getByRole('region', { name: 'Your decision' }).getByRole(role, { name });
      for (let stop = 0; stop < 80; stop += 1) {
        if (await target.evaluate((it) => it === document.activeElement)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`Tab never reached the ${role} ${name}.`);
    };
    await page.keyboard.press('F6');
    const checked = page.getByRole('region', { name: 'Your decision' }).getByRole('radio', { checked: true });
    const suggested = (await checked.textContent()) ?? '';
    await reach(
      'radio',
      new RegExp(suggested.includes('Destructive') ? 'Destructive' : suggested.includes('Write') ? 'Write' : 'Read'),
    );
    // Held until the choice moved: the group follows an arrow key a tick later, and only while the key is down.
    await page.keyboard.down('ArrowLeft');
    const chosen = await until(async () => {
      const text = await checked.textContent();
      return text === suggested ? undefined : text;
    });
    await page.keyboard.up('ArrowLeft');
    const effect = chosen.includes('Write') ? 'write' : 'read';
    await reach('button', /^Approve/);
    // The decision is dead for a moment after it moved, so that no key meant for another tool falls on this one.
    await page
      .getByRole('region', { name: 'Your decision' })
      .getByRole('button', { name: /^Approve/, disabled: false })
      .waitFor();
    await page.keyboard.press('Enter');
    await until(async () => (await stateOf('words:delete_all'))?.state === 'approved');
    expect(await stateOf('words:delete_all')).toMatchObject({ effect });
  });

  it('the browser had nothing to complain about', () => {
    expect(person.complaints).toEqual([]);
  });
});
