import { Note } from '../../components/ui/banner.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { TextField } from '../../components/ui/field.tsx';
import { shellQuote } from '../../lib/shell-quote.ts';
import { parseCommandLine } from './command-line.ts';
import { type ServerDraft, withEntry } from './server-draft.ts';

interface CommandFieldsProps {
  draft: ServerDraft;
  onChange: (draft: ServerDraft) => void;
  problem?: string;
}

/** The command, as one line or argument by argument. */
export function CommandFields({ draft, onChange, problem }: CommandFieldsProps) {
  const isLine = draft.entry === 'line';
  return (
    <div className="col g6">
      {isLine ? <CommandLine draft={draft} onChange={onChange} problem={problem} /> : null}
      {isLine ? null : <ArgumentList draft={draft} onChange={onChange} problem={problem} />}
      <div>
        <button
          type="button"
          className="link"
          onClick={() => onChange(withEntry(draft, isLine ? 'list' : 'line', shellQuote))}
        >
          {isLine ? 'Enter arguments one by one' : 'Enter as one line'}
        </button>
      </div>
    </div>
  );
}

function CommandLine({ draft, onChange, problem }: CommandFieldsProps) {
  const parsed = parseCommandLine(draft.commandLine);
  const signs = parsed.ok ? parsed.shellSigns : [];
  return (
    <>
      <TextField
        label="Command line"
        required
        mono
        spellCheck={false}
        autoComplete="off"
        placeholder="npx -y @scope/server@1.2.3"
        value={draft.commandLine}
        onChange={(commandLine) => onChange({ ...draft, commandLine })}
        error={problem}
        hint="As in a terminal. Quotes keep words together."
      />
      {signs.length > 0 && (
        <Note tone="brass" icon="warn">
          Gatehouse starts programs without a shell, so <code>{signs.join(' ')}</code> would be handed over as plain
          text.
        </Note>
      )}
    </>
  );
}

function ArgumentList({ draft, onChange, problem }: CommandFieldsProps) {
  const set = (argv: string[]) => onChange({ ...draft, argv });
  const [command = '', ...args] = draft.argv;
  return (
    <>
      <TextField
        label="Program"
        required
        mono
        spellCheck={false}
        autoComplete="off"
        value={command}
        onChange={(next) => set([next, ...args])}
        error={problem}
      />
      <fieldset className="field nvs">
        <legend className="label">Arguments</legend>
        {args.map((argument, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: arguments have no identity but their place
          <div className="row" key={at}>
            <input
              className="input mono"
              aria-label={`Argument ${at + 1}`}
              spellCheck={false}
              value={argument}
              onChange={(event) => set([command, ...args.with(at, event.target.value)])}
            />
            <IconButton
              icon="x"
              label={`Remove argument ${at + 1}`}
              tone="ghost"
              size="sm"
              onClick={() => set([command, ...args.toSpliced(at, 1)])}
            />
          </div>
        ))}
        <div>
          <Button size="sm" icon="plus" onClick={() => set([command, ...args, ''])}>
            Add argument
          </Button>
        </div>
      </fieldset>
    </>
  );
}
