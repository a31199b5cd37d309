import { useState } from 'react';
import { Segmented } from '../../components/ui/choice.tsx';
import { CommandBlock, CopyButton } from '../../components/ui/command-block.tsx';
import { likelySnippet, type SnippetKind, snippetOf } from './snippets.ts';

const kinds: readonly { value: SnippetKind; label: string }[] = [
  { value: 'claude-code', label: 'Claude Code' },
  { value: 'vs-code', label: 'VS Code' },
  { value: 'other', label: 'Other apps' },
];

interface SnippetBlockProps {
  appName: string;
  endpoint: string;
  token: string;
}

/** How to tell an AI app about the gate, exactly and ready to paste. */
export function SnippetBlock({ appName, endpoint, token }: SnippetBlockProps) {
  const [kind, setKind] = useState(() => likelySnippet(appName));
  const snippet = snippetOf(kind, endpoint, token);
  return (
    <>
      <Segmented label="Which app" value={kind} options={kinds} onChange={setKind} />
      <p className="hint mt-2 mb-2">{snippet.where}</p>
      {'argv' in snippet ? (
        <CommandBlock argv={snippet.argv} strong={[endpoint]} className="tight" />
      ) : (
        <div className="cmd-w tight">
          <pre className="code">{snippet.text}</pre>
          <CopyButton text={snippet.text} label="Copy entry" />
        </div>
      )}
    </>
  );
}
