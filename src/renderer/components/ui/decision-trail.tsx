import type { TrailStep } from '@shared/contract/index.ts';
import { Icon, type IconName } from '../icon/icon.tsx';

const faces: Record<TrailStep['verdict'], { icon: IconName; tone?: string; word: string }> = {
  pass: { icon: 'check', word: 'passed' },
  refuse: { icon: 'x', tone: 'no', word: 'refused' },
  ask: { icon: 'user', tone: 'you', word: 'asked you' },
  skip: { icon: 'minus', tone: 'skipped', word: 'not needed' },
};

/** Stages shorter than this share the moment before; a number would only be noise. */
const worthShowingMicros = 50;

/** Every stage the call went through, in order, and what it said. */
export function DecisionTrail({ steps }: { steps: readonly TrailStep[] }) {
  return (
    <ol className="steps">
      {steps.map((step, index) => {
        const face = faces[step.verdict];
        const took = step.atMicros - (steps[index - 1]?.atMicros ?? 0);
        return (
          <li key={`${step.stage}-${step.atMicros}-${step.note}`} className={face.tone}>
            <span className="dot">
              <Icon name={face.icon} size="xs" />
            </span>
            <div className="grow" title={`${step.stage}: ${step.note}`}>
              <b>{step.note}</b>
              <span className="sr">
                , {step.stage === 'question' && step.verdict === 'ask' ? 'asked the app' : face.word}
              </span>
            </div>
            <span className="num meta">{took >= worthShowingMicros && `${(took / 1000).toFixed(1)} ms`}</span>
          </li>
        );
      })}
    </ol>
  );
}
