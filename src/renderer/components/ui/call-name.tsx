import type { CallSummary } from '@shared/contract/index.ts';
import { EffectMark } from './effect-mark.tsx';
import { VisibleText } from './untrusted-text.tsx';

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

/** The effect class of a call; Gatehouse's own tools have none, which is not the same as "not classed yet". */
export function CallEffect({ call }: { call: Pick<CallSummary, 'server' | 'effect'> }) {
  return call.server === null ? <span /> : <EffectMark effect={call.effect} />;
}
