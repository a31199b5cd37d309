import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { policySchema } from '../../../src/main/policy/profiles.ts';

const file = new URL('../../../assets/policy.schema.json', import.meta.url);

describe('assets/policy.schema.json', () => {
  it('says what Gatehouse reads, so that editors do too', async () => {
    const schema = z.toJSONSchema(policySchema, { io: 'input' });
    // After a change of the schema: vitest -u writes the file anew.
    await expect(`${JSON.stringify({ title: 'Gatehouse policy.json', ...schema }, null, 2)}\n`).toMatchFileSnapshot(
      file.pathname,
    );
  });
});
