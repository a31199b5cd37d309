/** Remembered answers in the database: JSON under a seal, because each of them opens something. */
import { actorSchema, effectSchema } from '@shared/words.ts';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { isSealOf, sealParts } from '../secrets/index.ts';

/** One remembered answer, with everything `decide()` and a person need to know of it. */
export const keptAnswerSchema = z.object({
  id: z.string(),
  /** `next`: one more call with these arguments. */
  scope: z.enum(['session', '15m', 'always', 'next']),
  at: z.number(),
  by: actorSchema,
  app: z.object({ id: z.string(), name: z.string() }),
  offerId: z.string(),
  server: z.string(),
  fingerprint: z.string(),
  effect: effectSchema,
  reasons: z.array(z.object({ key: z.string(), text: z.string() })),
  sessionId: z.string().nullable(),
  argumentsDigest: z.string().nullable(),
  /** The beginning of the arguments, for the person. */
  argumentsJson: z.string().nullable(),
  until: z.number().nullable(),
});
export type KeptAnswer = z.infer<typeof keptAnswerSchema>;

export interface AnswerRows {
  /** Answers whose seal holds, and how many rows have none; those are taken away, so that they are told of once. */
  read(): { readonly answers: readonly KeptAnswer[]; readonly unsealed: number };
  /** Throws when the database cannot be written. */
  put(answer: KeptAnswer): void;
  drop(id: string): void;
}

/** @param sealKey 32 bytes from the vault */
export function createAnswerRows(db: Database, sealKey: Buffer): AnswerRows {
  const all = db.prepare<[], { id: string; body: string; seal: string }>(
    'SELECT id, body, seal FROM remembered_answers',
  );
  const insert = db.prepare<[string, string, string]>(
    'INSERT INTO remembered_answers (id, body, seal) VALUES (?, ?, ?)',
  );
  const remove = db.prepare<[string]>('DELETE FROM remembered_answers WHERE id = ?');
  const readRow = (row: { id: string; body: string; seal: string }): KeptAnswer | undefined => {
    if (!isSealOf(sealKey, ['answer', row.id, row.body], row.seal)) return undefined;
    const parsed = keptAnswerSchema.safeParse(JSON.parse(row.body));
    return parsed.success && parsed.data.id === row.id ? parsed.data : undefined;
  };
  return {
    read() {
      const answers: KeptAnswer[] = [];
      let unsealed = 0;
      for (const row of all.all()) {
        const answer = readRow(row);
        if (answer) answers.push(answer);
        else {
          unsealed += 1;
          if (!db.readonly) remove.run(row.id);
        }
      }
      return { answers, unsealed };
    },
    put(answer) {
      const body = JSON.stringify(answer);
      insert.run(answer.id, body, sealParts(sealKey, ['answer', answer.id, body]));
    },
    drop: (id) => void remove.run(id),
  };
}
