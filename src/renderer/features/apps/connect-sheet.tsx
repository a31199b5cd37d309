import { type AppSummary, appNameSchema } from '@shared/contract/index.ts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Note } from '../../components/ui/banner.tsx';
import { Button } from '../../components/ui/button.tsx';
import { TextField } from '../../components/ui/field.tsx';
import { Sheet } from '../../components/ui/sheet.tsx';
import { Monogram, Tile } from '../../components/ui/tile.tsx';
import { api, queryClient } from '../../lib/client.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { FailureNote } from '../servers/failure-note.tsx';
import { SnippetBlock } from './snippet-block.tsx';
import { TokenOnce } from './token-once.tsx';

const suggestions = ['Claude Code', 'Cursor', 'VS Code', 'Codex', 'Gemini CLI'];

interface ConnectSheetProps {
  apps: readonly AppSummary[];
  /** Set to give this app a new token instead of connecting another one. */
  renew?: AppSummary;
  onClose: () => void;
  onIssued: (app: AppSummary) => void;
}

/** Name, then the token and what to paste. The token leaves with the sheet. */
export function ConnectSheet({ apps, renew, onClose, onIssued }: ConnectSheetProps) {
  const [name, setName] = useState(renew?.name ?? '');
  const [showsProblem, setShowsProblem] = useState(false);
  const issue = useMutation(
    api.apps.issueToken.mutationOptions({
      // The answer holds the token: it must not outlive the sheet.
      gcTime: 0,
      onSuccess: ({ app }) => {
        void queryClient.invalidateQueries({ queryKey: api.apps.key() });
        onIssued(app);
      },
    }),
  );
  const parsed = appNameSchema.safeParse(name);
  const problem = parsed.success
    ? undefined
    : name.trim() === ''
      ? 'Give the app a name.'
      : parsed.error.issues[0]?.message;
  // After it was issued the new app is in the list too; that is not a conflict.
  const known =
    renew || issue.data ? undefined : apps.find((app) => app.name.toLowerCase() === name.trim().toLowerCase());
  const submit = () => {
    setShowsProblem(true);
    if (parsed.success && !issue.isPending && !issue.data) issue.mutate({ name: parsed.data });
  };
  useKeys({ 'mod+Enter': issue.data ? onClose : submit });

  if (issue.data) {
    const { app, token, endpoint } = issue.data;
    return (
      <Sheet
        open
        onClose={onClose}
        className="conn"
        lead={<Monogram name={app.name} size="l" />}
        title={renew ? `${app.name} has a new token` : `${app.name} can connect now`}
        subtitle={renew ? 'The old token does not work any more' : 'It can use approved tools only'}
        footer={
          <>
            <span className="dim grow">Every call of {app.name} is recorded under this name.</span>
            <Button size="lg" tone="primary" keys={['mod', 'enter']} onClick={onClose}>
              Done
            </Button>
          </>
        }
      >
        <section>
          <h3>Address and token</h3>
          <TokenOnce token={token} endpoint={endpoint} />
        </section>
        <section>
          <h3>Tell {app.name} about the gate</h3>
          <SnippetBlock appName={app.name} endpoint={endpoint} token={token} />
        </section>
      </Sheet>
    );
  }
  return (
    <Sheet
      open
      onClose={onClose}
      className="conn"
      lead={renew ? <Monogram name={renew.name} size="l" /> : <Tile icon="plug" size="l" />}
      title={renew ? `Give ${renew.name} a new token` : 'Connect an app'}
      subtitle={renew ? `Its token ends in ${renew.tokenHint}` : 'With the address of the gate and a token of its own'}
      footer={
        <>
          <span className="grow" />
          <Button size="lg" tone="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button size="lg" tone="primary" keys={['mod', 'enter']} busy={issue.isPending} onClick={submit}>
            {renew || known ? 'Replace the token' : 'Create its token'}
          </Button>
        </>
      }
    >
      {renew ? (
        <section>
          <Note tone="brass" icon="warn">
            <b>The old token stops working at once.</b> {renew.name} is cut off until you give it the new one.
          </Note>
        </section>
      ) : (
        <section className="col g12">
          <TextField
            label="Name of the AI app"
            required
            autoFocus
            autoComplete="off"
            placeholder="Claude Code"
            value={name}
            onChange={setName}
            error={showsProblem ? problem : undefined}
            hint="Its calls are recorded and refused under this name."
          />
          <div className="row g6 wrap">
            {suggestions.map((suggestion) => (
              <button
                key={suggestion}
                type="button"
                className={suggestion === name ? 'pick on' : 'pick'}
                aria-pressed={suggestion === name}
                onClick={() => setName(suggestion)}
              >
                {suggestion}
              </button>
            ))}
          </div>
          {known && (
            <Note tone="brass" icon="warn">
              <b>{known.name} is connected already.</b> It gets a new token, and the old one stops working.
            </Note>
          )}
        </section>
      )}
      {issue.error && <FailureNote title="No token was made." error={issue.error} />}
    </Sheet>
  );
}
