import { type ClipboardEvent, useState } from 'react';
import { Note } from '../../components/ui/banner.tsx';
import { Segmented } from '../../components/ui/choice.tsx';
import { TextField } from '../../components/ui/field.tsx';
import { plural } from '../../lib/format.ts';
import { CommandFields } from './command-fields.tsx';
import { NamedValues } from './named-values.tsx';
import { pastedServers } from './pasted-entry.ts';
import { RunningFields } from './running-fields.tsx';
import type { DraftProblems, ServerDraft } from './server-draft.ts';

interface ServerFormProps {
  draft: ServerDraft;
  onChange: (draft: ServerDraft) => void;
  problems: DraftProblems;
}

/** Everything that describes a server by hand. A pasted config entry fills it. */
export function ServerForm({ draft, onChange, problems }: ServerFormProps) {
  const [pasted, setPasted] = useState<ServerDraft[]>([]);
  const takePaste = (event: ClipboardEvent) => {
    const servers = pastedServers(event.clipboardData.getData('text'));
    const [first] = servers ?? [];
    if (!servers || !first) return;
    event.preventDefault();
    setPasted(servers);
    onChange(first);
  };
  return (
    <div className="col g16 form" onPaste={takePaste}>
      <Segmented
        label="How it is reached"
        value={draft.kind}
        onChange={(kind) => onChange({ ...draft, kind })}
        options={[
          { value: 'command', label: 'Command on this machine' },
          { value: 'url', label: 'Address' },
        ]}
      />
      {pasted.length > 0 && <PastedNote servers={pasted} chosen={draft} onChoose={onChange} />}
      <TextField
        label="Name"
        required
        autoFocus
        mono
        spellCheck={false}
        autoComplete="off"
        placeholder="github"
        value={draft.name}
        onChange={(name) => onChange({ ...draft, name })}
        error={problems.name}
        hint="Its tools are called name:tool. You can also paste an entry of a config file here."
      />
      {draft.kind === 'command' ? (
        <>
          <CommandFields draft={draft} onChange={onChange} problem={problems.command} />
          <TextField
            label="Working directory"
            mono
            spellCheck={false}
            autoComplete="off"
            value={draft.cwd}
            onChange={(cwd) => onChange({ ...draft, cwd })}
            placeholder="your home folder"
          />
          <NamedValues
            title="Environment"
            what="variable"
            rows={draft.env}
            onChange={(env) => onChange({ ...draft, env })}
            problem={problems.env}
          />
        </>
      ) : (
        <>
          <TextField
            label="Address"
            required
            mono
            spellCheck={false}
            autoComplete="off"
            placeholder="https://mcp.example.com/mcp"
            value={draft.url}
            onChange={(url) => onChange({ ...draft, url })}
            error={problems.url}
          />
          <NamedValues
            title="Headers"
            what="header"
            rows={draft.headers}
            onChange={(headers) => onChange({ ...draft, headers })}
            problem={problems.headers}
          />
        </>
      )}
      <RunningFields draft={draft} onChange={onChange} problem={problems.idleMinutes} />
      <p className="hint">
        Secret values go to the vault of Gatehouse. servers.json only holds a reference to them, and they never appear
        in a command line or in the log.
      </p>
    </div>
  );
}

interface PastedNoteProps {
  servers: readonly ServerDraft[];
  chosen: ServerDraft;
  onChoose: (draft: ServerDraft) => void;
}

function PastedNote({ servers, chosen, onChoose }: PastedNoteProps) {
  if (servers.length === 1)
    return <Note tone="slate">Filled in from what you pasted. Look at it before you go on.</Note>;
  return (
    <Note tone="slate">
      <p>What you pasted holds {plural(servers.length, 'server')}. They are added one by one.</p>
      <div className="row g6 wrap mt-2">
        {servers.map((server) => (
          <button
            key={server.name}
            type="button"
            className={server.name === chosen.name ? 'pick on' : 'pick'}
            aria-pressed={server.name === chosen.name}
            onClick={() => onChoose(server)}
          >
            {server.name || 'without a name'}
          </button>
        ))}
      </div>
    </Note>
  );
}
