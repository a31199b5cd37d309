/** Sessions of clients that speak a revision with `initialize`. A session is not a credential: it belongs to one app. */
import { randomBytes } from 'node:crypto';
import type { Target } from './front-door.ts';
import type { JsonObject, LogLevel, RpcId } from './protocol.ts';
import { Questions } from './questions.ts';
import type { SessionStream } from './streams.ts';

export interface Session {
  readonly id: string;
  readonly app: string;
  /** The path it was opened on, in one text. */
  readonly target: Target;
  readonly protocolVersion: string;
  readonly client: string | null;
  /** Milliseconds since epoch. */
  readonly since: number;
  /** Tool calls made in it. */
  toolCalls: number;
  /** What the client said it can be asked; bounded. */
  readonly capabilities: JsonObject;
  /** Questions of servers that wait for this client's answer. */
  readonly questions: Questions;
  /** Aborted when the session ends, however it does. */
  readonly ended: AbortSignal;
  logLevel: LogLevel | null;
  /** Calls in flight, so that `notifications/cancelled` finds them. */
  readonly calls: Map<RpcId, AbortController>;
  /** Where it hears what belongs to none of its requests, while the client keeps that open. */
  stream: SessionStream | null;
}

/** Sessions one app may have at once; clients that never end theirs lose the one used longest ago. */
const MOST_PER_APP = 256;

export class Sessions {
  readonly #onEnd: (session: string) => void;
  readonly #clock: () => number;
  readonly #endings = new WeakMap<Session, AbortController>();
  // By app, in order of last use.
  readonly #byApp = new Map<string, Map<string, Session>>();

  /** `onEnd` hears the id of every session that ends. `clock` gives milliseconds since epoch. */
  constructor(onEnd: (session: string) => void, clock: () => number) {
    this.#onEnd = onEnd;
    this.#clock = clock;
  }

  open(facts: Pick<Session, 'app' | 'target' | 'protocolVersion' | 'client' | 'capabilities'>): Session {
    const ending = new AbortController();
    const session: Session = {
      ...facts,
      id: randomBytes(24).toString('base64url'),
      since: this.#clock(),
      toolCalls: 0,
      questions: new Questions(ending.signal),
      ended: ending.signal,
      logLevel: null,
      calls: new Map(),
      stream: null,
    };
    this.#endings.set(session, ending);
    let own = this.#byApp.get(facts.app);
    if (!own) {
      own = new Map();
      this.#byApp.set(facts.app, own);
    }
    if (own.size >= MOST_PER_APP) {
      const [leastUsed] = own.values();
      if (leastUsed) this.end(leastUsed);
    }
    own.set(session.id, session);
    return session;
  }

  /** Undefined when the id is unknown, ended, another app's or another path's; a find counts as use. */
  find(app: string, id: string, target: Target): Session | undefined {
    const own = this.#byApp.get(app);
    const session = own?.get(id);
    if (!own || !session || pathOf(session.target) !== pathOf(target)) return undefined;
    own.delete(id);
    own.set(id, session);
    return session;
  }

  end(session: Session): void {
    const own = this.#byApp.get(session.app);
    if (!own?.delete(session.id)) return;
    if (own.size === 0) this.#byApp.delete(session.app);
    this.#endings.get(session)?.abort();
    session.stream?.end();
    this.#onEnd(session.id);
  }

  endAllOf(app: string): void {
    for (const session of [...(this.#byApp.get(app)?.values() ?? [])]) this.end(session);
  }

  apps(): readonly string[] {
    return [...this.#byApp.keys()];
  }

  all(): readonly Session[] {
    return [...this.#byApp.values()].flatMap((own) => [...own.values()]);
  }
}

const pathOf = (target: Target): string => (target.kind === 'server' ? target.server : '');
