import { z } from 'zod';
import type { KeptState } from '../storage/index.ts';

const KEPT_NAME = 'switched off';
const namesSchema = z.array(z.string());

export interface SwitchedOffOptions {
  readonly kept: KeptState;
  /** The servers that are declared now. */
  readonly declared: Iterable<string>;
  readonly warn: (facts: object, message: string) => void;
}

/**
 * Servers that were switched off. Off is a decision: `"disabled": true` taken out of servers.json by another program does
 * not bring a server back, which only a person does.
 */
export class SwitchedOff {
  readonly #options: Pick<SwitchedOffOptions, 'kept' | 'warn'>;
  readonly #names: Set<string>;

  constructor(options: SwitchedOffOptions) {
    const { kept, declared, warn } = options;
    this.#options = { kept, warn };
    const found = kept.read(KEPT_NAME);
    const names = found.kind === 'kept' ? namesSchema.safeParse(found.value) : undefined;
    const isKnown = found.kind === 'new' || names?.success === true;
    if (!isKnown) warn({}, 'Which servers were switched off was changed by another program, so all of them are off');
    this.#names = new Set(isKnown ? names?.data : declared);
    if (!names?.success) this.#save();
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  add(name: string): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    this.#save();
  }

  /** A person switched it on, or it is gone. */
  delete(name: string): void {
    if (this.#names.delete(name)) this.#save();
  }

  /** Forgets servers that are gone; one that comes back has to be approved anyway. */
  keepOnly(declared: ReadonlyMap<string, unknown>): void {
    for (const name of [...this.#names]) if (!declared.has(name)) this.delete(name);
  }

  #save(): void {
    try {
      this.#options.kept.write(KEPT_NAME, [...this.#names].sort());
    } catch (error) {
      this.#options.warn({ error }, 'Which servers are switched off could not be kept');
    }
  }
}
