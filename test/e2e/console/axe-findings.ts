import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** What axe-core has to say that matters: rule, what it means, and where. The other theme differs in colours only. */
export async function findings(page: Page, theme: 'light' | 'dark'): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (theme === 'light' ? axe : axe.withRules(['color-contrast'])).analyze();
  return violations
    .filter((it) => it.impact === 'serious' || it.impact === 'critical')
    .flatMap((it) =>
      it.nodes.map((node) => `${it.id}: ${it.help}: ${node.target.join(' ')} ${node.any[0]?.message ?? ''}`),
    );
}
