/** What the gateway asked the client and the client has not answered: sampling, elicitation, roots, ping. */
import type { Frame } from './message.ts';

interface Question {
  readonly idText: string;
  /** Whatever the question came with; when that is lost, nobody waits for the answer. */
  readonly asker: object;
}

/** Far more than people are asked together. */
const most = 1_000;

export class Questions {
  readonly #open = new Map<string, Question>();

  /** Takes in a message of the gateway: a question, or the withdrawal of one. Anything else is none of its business. */
  heard({ id, idText, method, params }: Frame, asker: object): void {
    if (method === 'notifications/cancelled') this.#open.delete(JSON.stringify(params.requestId) ?? '');
    if (method === undefined || id === undefined) return;
    this.#open.set(JSON.stringify(id), { idText, asker });
    if (this.#open.size > most) for (const [oldest] of [...this.#open].slice(0, 1)) this.#open.delete(oldest);
  }

  /** True when somebody waits for the answer with this id; it can be given once. */
  answered(id: unknown): boolean {
    return this.#open.delete(JSON.stringify(id) ?? '');
  }

  /** Forgets the questions of an asker, or all, and gives the messages that tell the client so. */
  withdraw(asker?: object): string[] {
    const lost = [...this.#open].filter(([, question]) => asker === undefined || question.asker === asker);
    for (const [key] of lost) this.#open.delete(key);
    const reason = JSON.stringify('Gatehouse no longer waits for the answer.');
    return lost.map(
      ([, { idText }]) =>
        `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${idText},"reason":${reason}}}`,
    );
  }
}
