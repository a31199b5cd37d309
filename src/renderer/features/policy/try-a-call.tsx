import type { Explanation } from '@shared/contract/index.ts';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { Button } from '../../components/ui/button.tsx';
import { DecisionTrail } from '../../components/ui/decision-trail.tsx';
import { Select } from '../../components/ui/select.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { api, client } from '../../lib/client.ts';

const outcomes: Readonly<
  Record<Explanation['verdict'], { title: string; kind: 'ok' | 'you' | 'problem'; fallback: string }>
> = {
  pass: { title: 'It would go through', kind: 'ok', fallback: 'Nobody is asked.' },
  ask: { title: 'Gatehouse would ask you', kind: 'you', fallback: '' },
  refuse: { title: 'It would be refused', kind: 'problem', fallback: '' },
};

/** The same decision as for a real call, without the call. */
export function TryACall() {
  const argumentsId = useId();
  const apps = useQuery(api.apps.list.queryOptions());
  const tools = useQuery(api.tools.list.queryOptions({ input: {} }));
  const [app, setApp] = useState<string | null>(null);
  const [tool, setTool] = useState<string | null>(null);
  const [text, setText] = useState('{}');
  const [found, setFound] = useState<Explanation | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const connected = apps.data?.filter((one) => one.revokedAt === null) ?? [];
  const known = tools.data?.filter((one) => one.kind === 'tool') ?? [];
  const chosenApp = app ?? connected[0]?.id;
  const chosenTool = tool ?? known[0]?.id;

  const tryIt = async () => {
    const args = argumentsOf(text);
    if (args === null) {
      setProblem('The arguments need to be a JSON object.');
      return;
    }
    if (chosenApp === undefined || chosenTool === undefined) return;
    try {
      setFound(await client.policy.explain({ app: chosenApp, tool: chosenTool, arguments: args }));
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'It cannot be said now.');
    }
  };

  return (
    <aside className="try" aria-label="Try a call">
      <h2>Try a call</h2>
      <p className="hint">Nothing is sent. You see what would happen and why.</p>
      {chosenApp === undefined || chosenTool === undefined ? (
        <p className="dim mt-3">It needs an AI app and a tool. Connect one and add a server first.</p>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void tryIt();
          }}
        >
          <div className="field mt-3">
            <span aria-hidden="true">App</span>
            <Select
              label="App"
              value={chosenApp}
              width={208}
              onChange={(next) => {
                setApp(next);
                setFound(null);
              }}
              options={connected.map(({ id, name }) => ({ value: id, label: name }))}
            />
          </div>
          <div className="field mt-3">
            <span aria-hidden="true">Tool</span>
            <Select
              label="Tool"
              value={chosenTool}
              width={208}
              onChange={(next) => {
                setTool(next);
                setFound(null);
              }}
              options={known.map(({ id }) => ({ value: id, label: id }))}
            />
          </div>
          <div className="field mt-3">
            <label htmlFor={argumentsId}>Arguments</label>
            <textarea
              id={argumentsId}
              className="input"
              spellCheck={false}
              value={text}
              aria-invalid={problem !== null || undefined}
              onChange={(event) => {
                setText(event.target.value);
                setFound(null);
              }}
            />
          </div>
          {problem !== null && (
            <p className="hint c-brick" role="alert">
              {problem}
            </p>
          )}
          <div className="row mt-3">
            <Button type="submit">Try it</Button>
          </div>
        </form>
      )}
      <div aria-live="polite">{found && <Outcome found={found} />}</div>
    </aside>
  );
}

function Outcome({ found }: { found: Explanation }) {
  const { title, kind, fallback } = outcomes[found.verdict];
  return (
    <>
      <div className={`verdict ${found.verdict}`}>
        <StatusShape kind={kind} />
        <div>
          <b>{title}</b>
          <p className="meta">
            <VisibleText text={found.message ?? fallback} />
          </p>
        </div>
      </div>
      <DecisionTrail steps={found.trail} />
    </>
  );
}

function argumentsOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
