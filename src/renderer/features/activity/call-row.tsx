import type { CallSummary } from '@shared/contract/index.ts';
import { memo } from 'react';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { CallEffect, CallNameLine } from '../../components/ui/call-name.tsx';
import { Monogram } from '../../components/ui/tile.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { decisionOf } from '../../lib/call-decision.ts';
import { onWhatOf } from '../../lib/call-words.ts';
import { classNames } from '../../lib/class-names.ts';
import { bytes, duration, millisOf, timeWithSeconds } from '../../lib/format.ts';

/** Length of the duration bar in percent, on a log scale up to 30 s. */
function barLength(ms: number): number {
  return Math.min(100, Math.max(2, (Math.log10(ms + 1) / 4.5) * 100));
}

interface CallRowProps {
  call: CallSummary;
  /** 0-based place in the whole list. */
  index: number;
  /** Distance from the top of the list in px. */
  top: number;
  isSelected: boolean;
  isCursor: boolean;
  onOpen: (id: string) => void;
}

export const CallRow = memo(function CallRow({ call, index, top, isSelected, isCursor, onOpen }: CallRowProps) {
  const decision = decisionOf(call);
  return (
    <tr
      data-call={call.id}
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
      aria-selected={isSelected}
      tabIndex={isCursor ? 0 : -1}
      onClick={() => onOpen(call.id)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onOpen(call.id);
      }}
    >
      <td className="num">
        {timeWithSeconds(call.at)}
        <span className="dimmer">{millisOf(call.at)}</span>
      </td>
      <td>
        <span className="row g6">
          <Monogram name={call.app ?? '?'} />
          <span className="an">{call.app ?? 'Unknown app'}</span>
        </span>
      </td>
      <td className="mono cut tl">
        <CallNameLine call={call} />
      </td>
      <td className="cut wh dim">
        <VisibleText text={onWhatOf(call)} />
      </td>
      <td>
        <CallEffect call={call} />
      </td>
      <td>
        <span className={classNames('st', decision.tone && `c-${decision.tone} m`)}>
          {decision.shape ? <StatusShape kind={decision.shape} inherit /> : <i className="nosh" />}
          {decision.word}
        </span>
      </td>
      <td className="num">
        {call.durationMs !== null && (
          <span className="du-c">
            <span className="dt">
              <i className="du" style={{ width: `${barLength(call.durationMs)}%` }} />
            </span>
            <span>{duration(call.durationMs)}</span>
          </span>
        )}
      </td>
      <td className="tr num dimmer">{call.resultBytes === null ? '–' : bytes(call.resultBytes)}</td>
    </tr>
  );
});
