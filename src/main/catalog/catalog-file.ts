/** The shape of assets/catalog.json. */
import { z } from 'zod';
import { catalogEntrySchema } from '../../shared/contract/catalog.ts';

export const catalogFileSchema = z.strictObject({
  version: z.literal(1),
  /** The day the entries were last checked, as YYYY-MM-DD. */
  checkedAt: z.iso.date(),
  entries: z.array(catalogEntrySchema),
});
