/** The short form of `npm run soak`: what a gateway must not lose or leave over while clients leave and servers die. */
import { expect, it } from 'vitest';
import { soak } from '../../soak/soak.ts';

it('3,000 calls with cancellations, cut connections and killed servers lose nothing and leave nothing over', async () => {
  const { problems, facts } = await soak({ calls: 3_000, seed: 20_260_728, disturbances: 3 });
  expect(problems, facts.join('\n')).toEqual([]);
});
