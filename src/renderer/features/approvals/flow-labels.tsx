import type { ToolDetail } from '@shared/contract/index.ts';
import { type FlowLabel, flowLabelSchema } from '@shared/words.ts';
import { classNames } from '../../lib/class-names.ts';

const wordOf: Record<FlowLabel, string> = {
  'untrusted-source': 'Reads what strangers write',
  'private-source': 'Reads private data',
  'outward-sink': 'Sends outward',
};

interface FlowLabelsProps {
  suggestions: ToolDetail['suggestedLabels'];
  value: readonly FlowLabel[];
  onChange: (labels: readonly FlowLabel[]) => void;
}

/** What the tool means for a session's flow of data: three switches, set as suggested until somebody touches them. */
export function FlowLabels({ suggestions, value, onChange }: FlowLabelsProps) {
  const toggle = (label: FlowLabel) =>
    onChange(flowLabelSchema.options.filter((one) => (one === label ? !value.includes(one) : value.includes(one))));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and layout of its own.
    <div className="row g12" role="group" aria-label="What does it mean for the flow of data?">
      <b className="m nw">Data flow</b>
      {flowLabelSchema.options.map((label) => {
        const reason = suggestions.find((one) => one.label === label)?.reason;
        const isOn = value.includes(label);
        return (
          <button
            key={label}
            type="button"
            className={classNames('chip', isOn ? 'slate' : 'line')}
            aria-pressed={isOn}
            title={reason ? `Suggested: ${reason}` : 'Not suggested.'}
            onClick={() => toggle(label)}
          >
            {wordOf[label]}
          </button>
        );
      })}
      <span className="meta grow">A session that read both kinds is asked about before it sends.</span>
    </div>
  );
}
