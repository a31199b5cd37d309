/**
 * `subscriptions/listen` (revision 2026-07-28): a request whose answer stays open for as long as the client listens. When
 * the gateway restarts, the bridge listens again with the same message, so the client's subscription goes on under its id:
 * it gets one acknowledgement only, and after each gap the news it may have missed.
 */
import { type Courier, type CourierOptions, type Exchange, jsonHeaders } from './courier.ts';
import { LinkError } from './gateway-link.ts';
import { type Frame, isAnswer, isRecord, notificationText, type Request, readFrame } from './message.ts';
import { mirrorHeaders } from './mirror-headers.ts';
import { Pauses, type PauseTimes } from './pauses.ts';
import type { Reply } from './reply.ts';

export interface SubscriptionsOptions extends CourierOptions {
  readonly courier: Courier;
  readonly pauses: PauseTimes;
}

/** A stream that the gateway ends sooner after its acknowledgement was not ended by a restart. Milliseconds. */
const briefMs = 2_000;
/** How often in a row that may happen before the end is passed on. */
const mostBrief = 3;
const acknowledgement = 'notifications/subscriptions/acknowledged';
const subscriptionIdKey = 'io.modelcontextprotocol/subscriptionId';

/** How one stream went. */
interface Course {
  /** When the acknowledgement came. */
  readonly openedAt: number | undefined;
  /** The gateway's own end: the answer to the request. */
  readonly end: string | undefined;
  /** The end is meant for the client: a refusal, an error, or nothing was asked for that can be delivered. */
  readonly isFinal: boolean;
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Listens until the client cancels the request or leaves, or the gateway refuses it. Never rejects. */
  async follow(request: Request): Promise<void> {
    const carriage = { isModern: true, isEndless: true };
    await this.#options.courier.track(request, carriage, (exchange) => this.#follow(exchange));
  }

  async #follow(exchange: Exchange): Promise<void> {
    const { courier, link, write } = this.#options;
    const { signal } = exchange.abort;
    const pauses = new Pauses(this.#options.pauses, signal);
    let isKnown = false;
    let end: string | undefined;
    for (let brief = 0; ; ) {
      let course: Course | undefined;
      try {
        const reply = await this.#post(exchange);
        // The first answer of all is the client's, whatever it is.
        if (!isKnown && reply.text !== undefined) return await courier.passOn(exchange, reply, {});
        course = await this.#passOn(exchange, reply, isKnown);
      } catch (error) {
        if (!isKnown || signal.aborted) throw error;
      }
      if (signal.aborted) return;
      isKnown ||= course?.openedAt !== undefined;
      end = course?.end ?? end;
      const isBrief = course?.openedAt !== undefined && performance.now() - course.openedAt < briefMs;
      brief = isBrief && course?.end !== undefined ? brief + 1 : 0;
      if (end !== undefined && (course?.isFinal || !isKnown || brief === mostBrief)) {
        await write(end);
        return;
      }
      if (!isKnown || course?.isFinal) {
        throw new LinkError('The connection to Gatehouse was lost, and the subscription with it.', 'unreachable');
      }
      if (course?.openedAt !== undefined) pauses.reset();
      do await pauses.next();
      while (!signal.aborted && !(await link.isThere()));
      if (signal.aborted) return;
    }
  }

  #post({ request, abort, markSent }: Exchange): Promise<Reply> {
    const headers = { ...jsonHeaders, ...mirrorHeaders(request, request.envelopeVersion) };
    return this.#options.courier.post(request.body, headers, {
      signal: abort.signal,
      isRepeatable: true,
      onSent: markSent,
    });
  }

  /** @param isKnown the client has its acknowledgement */
  async #passOn({ request }: Exchange, reply: Reply, isKnown: boolean): Promise<Course> {
    // A gateway that fails may recover; one that refuses has decided.
    if (reply.text !== undefined) return { openedAt: undefined, end: undefined, isFinal: reply.status < 500 };
    let openedAt: number | undefined;
    let end: string | undefined;
    let isFinal = false;
    try {
      for await (const text of reply.messages()) {
        const frame = readFrame(text);
        if (!frame) continue;
        if (isAnswer(frame, request.id)) {
          end = text;
          isFinal ||= frame.result === undefined;
        } else if (frame.method === acknowledgement && openedAt === undefined) {
          openedAt = performance.now();
          isFinal = honoured(frame).length === 0;
          for (const line of isKnown ? missed(frame, request) : [text]) await this.#options.write(line);
        } else await this.#options.write(text);
      }
    } catch (error) {
      if (openedAt === undefined) throw error;
    }
    return { openedAt, end, isFinal };
  }
}

/** What an acknowledgement promises, as pairs of the filter's name and value. */
function honoured({ params }: Frame): [string, unknown][] {
  return isRecord(params.notifications) ? Object.entries(params.notifications) : [];
}

/** What the client may have missed while nobody listened for it. */
function missed(acknowledged: Frame, { id }: Request): string[] {
  const _meta = { [subscriptionIdKey]: id };
  return honoured(acknowledged).flatMap(([name, value]) => {
    const kind = /^(tools|prompts|resources)ListChanged$/.exec(name)?.[1];
    if (kind !== undefined && value === true)
      return [notificationText(`notifications/${kind}/list_changed`, { _meta })];
    if (name !== 'resourceSubscriptions' || !Array.isArray(value)) return [];
    return value.map((uri: unknown) => notificationText('notifications/resources/updated', { uri, _meta }));
  });
}
