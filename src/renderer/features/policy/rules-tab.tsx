import type { PolicyRule, PolicyView, RuleView } from '@shared/contract/index.ts';
import { useState } from 'react';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Chip } from '../../components/ui/chip.tsx';
import { Menu } from '../../components/ui/menu.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { toastDone } from '../../components/ui/toast.tsx';
import { classNames } from '../../lib/class-names.ts';
import { NewRuleSheet } from './new-rule-sheet.tsx';
import { TryACall } from './try-a-call.tsx';
import type { ChangePolicy } from './use-policy.ts';

const verbs: Readonly<Record<PolicyRule['verb'], { word: string; tone: 'moss' | 'brass' | 'brick' | 'slate' }>> = {
  allow: { word: 'Allow', tone: 'moss' },
  ask: { word: 'Ask', tone: 'brass' },
  deny: { word: 'Deny', tone: 'brick' },
  limit: { word: 'Limit', tone: 'slate' },
};

interface RulesTabProps {
  policy: PolicyView;
  isBusy: boolean;
  change: ChangePolicy;
}

export function RulesTab({ policy, isBusy, change }: RulesTabProps) {
  const [isNew, setIsNew] = useState(false);
  const builtIn = policy.rules.filter((rule) => rule.builtIn !== null).length;
  return (
    <div className="rulesg">
      <section className="rl" aria-label="Rules">
        <div className="row rlh">
          <span className="dim grow">The first rule that fits decides. What no rule covers follows the profile.</span>
          <Button size="sm" icon="plus" onClick={() => setIsNew(true)}>
            New rule
          </Button>
        </div>
        <ol className="panel">
          {policy.rules.map((rule) => (
            <RuleRow
              key={`${rule.place} ${rule.text}`}
              rule={rule}
              at={rule.place - 1 - builtIn}
              last={policy.rules.length - builtIn - 1}
              isBusy={isBusy}
              change={change}
            />
          ))}
        </ol>
      </section>
      <TryACall />
      {isNew && <NewRuleSheet policy={policy} isBusy={isBusy} change={change} onClose={() => setIsNew(false)} />}
    </div>
  );
}

interface RuleRowProps {
  rule: RuleView;
  /** Its place among the file's own rules, from 0. */
  at: number;
  last: number;
  isBusy: boolean;
  change: ChangePolicy;
}

function RuleRow({ rule: { place, rule, builtIn, text }, at, last, isBusy, change }: RuleRowProps) {
  const isOn = rule.off !== true;
  const verb = verbs[rule.verb];
  const remove = async () => {
    if (await change({ kind: 'remove-rule', at })) toastDone('The rule was removed. policy.json.bak still has it.');
  };
  return (
    <li className={classNames('rule', !isOn && 'off', rule.until !== undefined && 'temp')}>
      <span className="num rn">{place}</span>
      <Chip tone={verb.tone}>{verb.word}</Chip>
      <div className="grow">
        <p>{text}</p>
        <span className="meta">
          {builtIn === null ? (rule.note ?? 'Yours') : `Built in, can be switched off. ${rule.note ?? ''}`}
        </span>
      </div>
      <Switch
        on={isOn}
        size="s"
        label={`Rule ${place} is on`}
        disabled={isBusy}
        onChange={(on) =>
          void change(builtIn === null ? { kind: 'switch-rule', at, on } : { kind: 'built-in', rule: builtIn, on })
        }
      />
      {builtIn === null && (
        <Menu
          label={`Rule ${place}`}
          entries={[
            {
              label: 'Move up',
              icon: 'arrow-up',
              disabled: at === 0,
              onSelect: () => void change({ kind: 'move-rule', from: at, to: at - 1 }),
            },
            {
              label: 'Move down',
              icon: 'arrow-down',
              disabled: at === last,
              onSelect: () => void change({ kind: 'move-rule', from: at, to: at + 1 }),
            },
            { kind: 'line' },
            { label: 'Remove', icon: 'trash', danger: true, onSelect: () => void remove() },
          ]}
        >
          <IconButton icon="more" label={`More for rule ${place}`} tone="ghost" size="sm" />
        </Menu>
      )}
    </li>
  );
}
