import type { ToolDetail } from '@shared/contract/index.ts';
import type { Effect, FlowLabel } from '@shared/words.ts';
import { useState } from 'react';
import { Note } from '../../components/ui/banner.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Checkbox, Segmented } from '../../components/ui/choice.tsx';
import { EffectMark, effectWord } from '../../components/ui/effect-mark.tsx';
import { Kbd } from '../../components/ui/kbd.tsx';
import { classNames } from '../../lib/class-names.ts';
import { offerWords } from '../../lib/offers.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { FailureNote } from '../servers/failure-note.tsx';
import { useSettled } from '../servers/use-settled.ts';
import { FlowLabels } from './flow-labels.tsx';
import { useToolDecisions } from './use-tool-decisions.ts';

const effects: readonly Effect[] = ['read', 'write', 'destructive'];

const ignore = () => undefined;

interface DecisionBarProps {
  detail: ToolDetail;
  /** The tool was decided on; the next one can be shown. */
  onDecided: () => void;
}

/**
 * The decision about exactly the definition on screen. Mounted anew for every tool and fingerprint, so that a choice
 * never carries over, and dead for its first half second.
 */
export function DecisionBar({ detail, onDecided }: DecisionBarProps) {
  const [effect, setEffect] = useState<Effect>(
    detail.state === 'approved' ? (detail.effect ?? detail.suggestedEffect) : detail.suggestedEffect,
  );
  const suggestions = detail.suggestedLabels.filter((one) => !(one.ifItWrites && effect === 'read'));
  const before = detail.labels ?? suggestions.map(({ label }) => label);
  /** Null: not touched, so what counts stays what counted. */
  const [labels, setLabels] = useState<readonly FlowLabel[] | null>(null);
  const [hasRead, setHasRead] = useState(false);
  const { approve, block } = useToolDecisions();
  const isSettled = useSettled(detail.fingerprint);
  const isBusy = approve.isPending || block.isPending;
  const isTool = detail.kind === 'tool';
  const relabels = labels !== null && labels.join() !== before.join();
  const canApprove = detail.state !== 'approved' || (isTool && effect !== detail.effect) || relabels;
  const isSerious = detail.findingCounts.serious > 0;
  const mustRead = isSerious && canApprove && !hasRead;
  const canBlock = detail.state !== 'blocked';
  const skipped = approve.data?.skipped.find((it) => it.id === detail.id);

  // The decision renews the definition and so this bar; only the promise outlives it. Failures are shown by the state.
  const decideApprove = () => {
    if (!isSettled || isBusy || !canApprove || mustRead) return;
    const approval = { tools: [detail], ...(isTool && { effect }), ...(labels && { labels }) };
    approve.mutateAsync(approval).then(({ changed }) => changed.length > 0 && onDecided(), ignore);
  };
  const decideBlock = () => {
    if (!isSettled || isBusy || !canBlock) return;
    block.mutateAsync([detail]).then(onDecided, ignore);
  };
  useKeys({
    a: decideApprove,
    b: decideBlock,
    ...(isTool && {
      '1': () => setEffect('read'),
      '2': () => setEffect('write'),
      '3': () => setEffect('destructive'),
    }),
  });

  const isLower = effects.indexOf(effect) < effects.indexOf(detail.suggestedEffect);
  const error = approve.error ?? block.error;
  return (
    <section className={classNames('decide two-l', isSerious && canApprove && 'bad')} aria-label="Your decision">
      {error && <FailureNote title="Nothing was decided." error={error} />}
      {skipped && (
        <Note tone="brass" icon="warn">
          <b>Not approved.</b> {skipped.reason}
        </Note>
      )}
      {isTool && (
        <div className="row g12">
          <b className="m nw">What may it do?</b>
          <Segmented
            label="What may this tool do?"
            className="fxseg"
            value={effect}
            onChange={setEffect}
            options={effects.map((value, at) => ({
              value,
              name: effectWord(value),
              label: (
                <>
                  <EffectMark effect={value} />
                  {effectWord(value)}
                  <Kbd keys={[String(at + 1)]} />
                </>
              ),
            }))}
          />
          <span className={classNames('meta grow suggestion', isLower && 'c-brass m')} title={detail.suggestionReason}>
            {isLower ? 'Less than suggested: ' : 'Suggested: '}
            {effectWord(detail.suggestedEffect)}. {detail.suggestionReason}
          </span>
        </div>
      )}
      {detail.kind !== 'prompt' && (
        <FlowLabels suggestions={suggestions} value={labels ?? before} onChange={setLabels} />
      )}
      {isSerious && canApprove && (
        <Checkbox checked={hasRead} onChange={setHasRead}>
          I have read what the scanner found and still want to approve this {offerWords[detail.kind].one}
        </Checkbox>
      )}
      <div className="row">
        <span className="meta grow">
          {isTool
            ? 'Approving pins exactly this text and input. Any later change comes back here.'
            : `Approving lets AI apps ${detail.kind === 'prompt' ? 'use' : 'read'} this ${offerWords[detail.kind].one}. If it describes itself differently later, it comes back here.`}
        </span>
        {canBlock && (
          <Button
            size="lg"
            tone="danger"
            keys={['B']}
            aria-keyshortcuts="B"
            aria-disabled={!isSettled}
            busy={block.isPending}
            disabled={approve.isPending}
            onClick={decideBlock}
          >
            Block
          </Button>
        )}
        {canApprove && (
          <Button
            size="lg"
            tone="approve"
            keys={['A']}
            aria-keyshortcuts="A"
            aria-disabled={!isSettled}
            busy={approve.isPending}
            disabled={block.isPending || mustRead}
            onClick={decideApprove}
          >
            {isSerious ? 'Approve anyway' : 'Approve'}
          </Button>
        )}
      </div>
    </section>
  );
}
