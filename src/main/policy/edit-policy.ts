/** Changes the text of policy.json and leaves everything else in it, comments too, as it was. Pure. */
import { type AnswerRow, type PolicyEdit, policyRuleSchema } from '@shared/contract/index.ts';
import { assertNever, type Effect } from '@shared/words.ts';
import { applyEdits, type JSONPath, modify } from 'jsonc-parser';
import { HIDE_ALL, rowOf, serverRow } from './answers.ts';
import type { Profile } from './profiles.ts';

const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2, eol: '\n' } };

type Change = readonly [path: JSONPath, value: unknown, insert?: boolean];

/** What an edit needs to know besides the text. */
export interface EditContext {
  /** The profile that is edited, as it holds now; undefined for a new one. */
  readonly profile: Profile | undefined;
  /** Servers there are, so that a change of the row for later ones leaves them alone. */
  readonly servers: readonly string[];
  /** How many rules the file has. */
  readonly rules: readonly unknown[];
}

/** The new text. Throws an Error with a sentence for a person when the edit means nothing there. */
export function editedPolicy(text: string | null, edit: PolicyEdit, context: EditContext): string {
  let edited = text === null || text.trim() === '' ? '{}\n' : text;
  for (const [path, value, isArrayInsertion = false] of changesFor(edit, context)) {
    edited = applyEdits(edited, modify(edited, path, value, { ...FORMAT, isArrayInsertion }));
  }
  return edited.endsWith('\n') ? edited : `${edited}\n`;
}

function changesFor(edit: PolicyEdit, context: EditContext): readonly Change[] {
  switch (edit.kind) {
    case 'answer':
      return answerChanges(edit, context);
    case 'tool':
      return [[['profiles', existing(context).name, 'tools', edit.tool], edit.answer ?? undefined]];
    case 'surface':
      return [[['profiles', existing(context).name, 'surface'], edit.surface]];
    case 'profile-limit':
      return [[['profiles', existing(context).name, edit.limit], edit.value]];
    case 'new-profile':
      if (context.profile) throw new Error(`There is a profile ${edit.profile} already.`);
      return [[['profiles', edit.profile], { answers: HIDE_ALL }]];
    case 'remove-profile':
      if (edit.profile === 'default')
        throw new Error('The profile default is always there; hide what it shows instead.');
      existing(context);
      return [[['profiles', edit.profile], undefined]];
    case 'built-in':
      return [[['builtIn', edit.rule], edit.on ? undefined : false]];
    case 'add-rule':
      return context.rules.length === 0
        ? [[['rules'], [edit.rule]]]
        : [[['rules', context.rules.length], edit.rule, true]];
    case 'remove-rule':
      return [[['rules', placeIn(context, edit.at)], undefined]];
    case 'switch-rule':
      return [[['rules', placeIn(context, edit.at), 'off'], edit.on ? undefined : true]];
    case 'move-rule': {
      const rule = policyRuleSchema.parse(context.rules[placeIn(context, edit.from)]);
      placeIn(context, edit.to);
      return [
        [['rules', edit.from], undefined],
        [['rules', edit.to], rule, true],
      ];
    }
    default:
      return assertNever(edit);
  }
}

function existing({ profile }: EditContext): Profile {
  if (!profile) throw new Error('There is no such profile.');
  return profile;
}

function placeIn({ rules }: EditContext, at: number): number {
  if (at >= rules.length) throw new Error(`There is no rule ${at + 1} in policy.json.`);
  return at;
}

/** One cell of the matrix. A profile in the older form, with lists of servers and effects, is spelled out first. */
function answerChanges(
  { server, effect, answer }: Extract<PolicyEdit, { kind: 'answer' }>,
  context: EditContext,
): readonly Change[] {
  const profile = existing(context);
  const path = (...rest: string[]): JSONPath => ['profiles', profile.name, ...rest];
  const isOlder = profile.servers !== null || profile.effects.length < 3;
  const others = profile.servers === null ? within(profile, profile.others) : HIDE_ALL;
  const changes: Change[] = [];
  if (isOlder) changes.push([path('servers'), undefined], [path('effects'), undefined], [path('answers'), others]);
  // A row for those that are there, so that only later ones follow the change.
  const spelled = isOlder || server === null ? context.servers : [];
  for (const name of spelled) {
    if (isOlder || !Object.hasOwn(profile.perServer, name))
      changes.push([path('perServer', name), rowNow(profile, name)]);
  }
  if (server === null) changes.push([path('answers'), { ...others, [effect]: answer }]);
  else changes.push([path('perServer', server), { ...rowNow(profile, server), [effect]: answer }]);
  return changes;
}

const within = ({ effects }: Profile, row: AnswerRow): AnswerRow =>
  rowOf((effect: Effect) => (effects.includes(effect) ? row[effect] : 'hide'));

function rowNow(profile: Profile, server: string): AnswerRow {
  if (profile.servers !== null && !profile.servers.includes(server)) return HIDE_ALL;
  return within(profile, serverRow(profile, server));
}
