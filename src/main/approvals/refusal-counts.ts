/** How often calls met a held offer. Counted in memory because an agent may be refused thousands of times a minute. */
export class RefusalCounts {
  readonly #counts: Map<string, number>;
  readonly #unsaved = new Set<string>();

  /** @param counts as stored, by offer id */
  constructor(counts: Map<string, number>) {
    this.#counts = counts;
  }

  add(id: string): void {
    this.#counts.set(id, this.of(id) + 1);
    this.#unsaved.add(id);
  }

  of(id: string): number {
    return this.#counts.get(id) ?? 0;
  }

  /** A decision was taken, or there is something new to decide about. */
  forget(id: string): void {
    this.#counts.delete(id);
  }

  /** Ids whose stored count is behind. */
  unsaved(): Iterable<string> {
    return this.#unsaved;
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.size > 0;
  }
}
