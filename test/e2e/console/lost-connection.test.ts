/** When Gatehouse is gone, the page must not go on claiming that the gate is open. */
import { expect, it } from 'vitest';
import { personAtTheConsole } from './person.ts';

it('a page that lost Gatehouse says so, everywhere, and offers nothing it cannot do', async () => {
  await using person = await personAtTheConsole();
  const { page } = person;
  await page.getByRole('switch', { name: 'Gate open', checked: true }).waitFor();
  process.kill(person.gate.pid, 'SIGTERM');
  await page.getByRole('heading', { name: 'Gatehouse does not answer' }).waitFor();
  await page.getByText('Not connected').first().waitFor();
  expect(await page.getByRole('switch', { name: 'Gate open' }).count()).toBe(0);
  for (const section of ['Approvals', 'Activity', 'Servers']) {
    await page.getByRole('link', { name: section }).click();
    expect(await page.getByRole('heading', { name: 'Gatehouse does not answer' }).isVisible()).toBe(true);
  }
});
