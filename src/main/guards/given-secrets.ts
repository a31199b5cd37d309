/** Which server gave a secret before: what it knows already it may get again. In memory, by marks only, bounded. */

const MOST_MARKS = 10_000;

export class GivenSecrets {
  readonly #servers = new Map<string, Set<string>>();

  note(mark: string, server: string): void {
    if (mark === '') return;
    const servers = this.#servers.get(mark) ?? new Set();
    servers.add(server);
    this.#servers.delete(mark);
    this.#servers.set(mark, servers);
    const [oldest] = this.#servers.keys();
    if (this.#servers.size > MOST_MARKS && oldest !== undefined) this.#servers.delete(oldest);
  }

  wasGivenBy(mark: string, server: string): boolean {
    return this.#servers.get(mark)?.has(server) === true;
  }
}
