import type { CallSummary } from '@shared/contract/index.ts';
import { kindOfCall } from '../../lib/call-words.ts';
import { EffectMark } from './effect-mark.tsx';
import { LongName } from './long-name.tsx';
import { OfferMark } from './offer-mark.tsx';
import { VisibleText } from './visible-text.tsx';

/** "github › search_code"; for Gatehouse's own tools and other methods just the name. */
export function CallName({ call }: { call: Pick<CallSummary, 'server' | 'tool' | 'method'> }) {
  const name = call.tool ?? call.method;
  if (!call.server) return <VisibleText text={name} />;
  return (
    <>
      {call.server}
      <span className="dimmer"> › </span>
      <VisibleText text={name} />
    </>
  );
}

/** The same on one line of a list, where a long address loses its middle. */
export function CallNameLine({ call }: { call: Pick<CallSummary, 'server' | 'tool' | 'method'> }) {
  return (
    <span className="callname">
      {call.server && (
        <span>
          {call.server}
          <span className="dimmer"> › </span>
        </span>
      )}
      <LongName text={call.tool ?? call.method} />
    </span>
  );
}

/**
 * The effect class of a call, or what it was about when that was no tool. Gatehouse's own tools have none, which is not
 * the same as "not classed yet".
 */
export function CallEffect({ call }: { call: Pick<CallSummary, 'server' | 'effect' | 'method' | 'onWhat'> }) {
  if (call.server === null) return <span />;
  const kind = kindOfCall(call);
  return kind === 'tool' ? <EffectMark effect={call.effect} /> : <OfferMark kind={kind} />;
}
