import { type PolicyRule, type PolicyView, policyRuleSchema } from '@shared/contract/index.ts';
import { type Effect, effectSchema } from '@shared/words.ts';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Checkbox, Segmented } from '../../components/ui/choice.tsx';
import { effectWord } from '../../components/ui/effect-mark.tsx';
import { TextField } from '../../components/ui/field.tsx';
import { Select } from '../../components/ui/select.tsx';
import { Sheet } from '../../components/ui/sheet.tsx';
import { toastDone } from '../../components/ui/toast.tsx';
import type { ChangePolicy } from './use-policy.ts';

type Verb = PolicyRule['verb'];
type Test = 'none' | 'equals' | 'prefix' | 'contains' | 'glob' | 'inside' | 'named';

interface Draft {
  verb: Verb;
  apps: string;
  tools: string;
  effects: readonly Effect[];
  path: string;
  test: Test;
  value: string;
  callsPerMinute: string;
}

const empty: Draft = {
  verb: 'ask',
  apps: '',
  tools: '',
  effects: [],
  path: '$.path',
  test: 'none',
  value: '',
  callsPerMinute: '',
};

const listed = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** The rule a draft means, or what is wrong with it. */
function ruleOf(draft: Draft): { rule: PolicyRule } | { problem: string } {
  const { verb, effects, path, test, value } = draft;
  const apps = listed(draft.apps);
  const tools = listed(draft.tools);
  const tested = test === 'inside' || test === 'named' ? listed(value) : value;
  const parsed = policyRuleSchema.safeParse({
    verb,
    ...(apps.length > 0 && { apps }),
    ...(tools.length > 0 && { tools }),
    ...(effects.length > 0 && { effects }),
    ...(test !== 'none' && { arguments: [{ path, [test]: tested }] }),
    ...(verb === 'limit' && { callsPerMinute: Number(draft.callsPerMinute) }),
  });
  return parsed.success
    ? { rule: parsed.data }
    : { problem: parsed.error.issues[0]?.message ?? 'This is no rule yet.' };
}

interface NewRuleSheetProps {
  policy: PolicyView;
  isBusy: boolean;
  change: ChangePolicy;
  onClose: () => void;
}

export function NewRuleSheet({ isBusy, change, onClose }: NewRuleSheetProps) {
  const [draft, setDraft] = useState(empty);
  const [problem, setProblem] = useState<string | null>(null);
  const set = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setProblem(null);
  };
  const add = async () => {
    const made = ruleOf(draft);
    if ('problem' in made) {
      setProblem(made.problem);
      return;
    }
    if (!(await change({ kind: 'add-rule', rule: made.rule }))) return;
    toastDone('The rule is the last in the list.');
    onClose();
  };
  return (
    <Sheet
      open
      onClose={onClose}
      isDirty={draft !== empty}
      className="pform"
      title="New rule"
      subtitle="It becomes the last of the list; the first rule that fits decides."
      footer={
        <>
          <span className="grow c-brick" role="alert">
            {problem}
          </span>
          <Button size="lg" onClick={onClose}>
            Cancel
          </Button>
          <Button size="lg" tone="primary" busy={isBusy} onClick={() => void add()}>
            Add the rule
          </Button>
        </>
      }
    >
      <div className="field">
        <span aria-hidden="true">What it does</span>
        <Segmented
          label="What it does"
          value={draft.verb}
          onChange={(verb) => set({ verb })}
          options={[
            { value: 'allow', label: 'Allow' },
            { value: 'ask', label: 'Ask' },
            { value: 'deny', label: 'Deny' },
            { value: 'limit', label: 'Limit' },
          ]}
        />
      </div>
      <TextField
        className="mt-3"
        label="Apps"
        value={draft.apps}
        onChange={(apps) => set({ apps })}
        hint="Names with commas between them. Empty: any app."
      />
      <TextField
        className="mt-3"
        label="Tools"
        mono
        value={draft.tools}
        onChange={(tools) => set({ tools })}
        hint="server:tool, with * for anything, as in github:delete_*. Empty: any tool."
      />
      <fieldset className="field mt-3">
        <legend>Only tools that</legend>
        <div className="row g12">
          {effectSchema.options.map((effect) => (
            <Checkbox
              key={effect}
              checked={draft.effects.includes(effect)}
              onChange={(isOn) =>
                set({ effects: isOn ? [...draft.effects, effect] : draft.effects.filter((one) => one !== effect) })
              }
            >
              {effectWord(effect)}
            </Checkbox>
          ))}
        </div>
      </fieldset>
      {draft.verb === 'limit' && (
        <TextField
          className="mt-3"
          label="Calls a minute"
          required
          inputMode="numeric"
          value={draft.callsPerMinute}
          onChange={(callsPerMinute) => set({ callsPerMinute })}
        />
      )}
      <div className="field mt-3">
        <span aria-hidden="true">Argument</span>
        <Select
          label="Argument"
          value={draft.test}
          width={240}
          onChange={(test) => set({ test })}
          options={[
            { value: 'none', label: 'Any arguments' },
            { value: 'inside', label: 'Path lies inside' },
            { value: 'named', label: 'File is named' },
            { value: 'prefix', label: 'Text begins with' },
            { value: 'contains', label: 'Text contains' },
            { value: 'glob', label: 'Text looks like' },
            { value: 'equals', label: 'Value is exactly' },
          ]}
        />
      </div>
      {draft.test !== 'none' && (
        <>
          <TextField
            className="mt-3"
            label="Which argument"
            mono
            required
            value={draft.path}
            onChange={(path) => set({ path })}
            hint="A JSONPath: $.path, $.items[*].name, $..* for every one."
          />
          <TextField
            className="mt-3"
            label="Value"
            mono
            required
            value={draft.value}
            onChange={(value) => set({ value })}
          />
        </>
      )}
    </Sheet>
  );
}
