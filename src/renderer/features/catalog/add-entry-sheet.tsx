import type { CatalogItem, LaunchPlan } from '@shared/contract/index.ts';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { StatusShape } from '../../components/icon/status-shape.tsx';
import { Button } from '../../components/ui/button.tsx';
import { CommandBlock } from '../../components/ui/command-block.tsx';
import { TextField } from '../../components/ui/field.tsx';
import { Sheet } from '../../components/ui/sheet.tsx';
import { Tile } from '../../components/ui/tile.tsx';
import { api, queryClient } from '../../lib/client.ts';
import { plural } from '../../lib/format.ts';
import { iconNamed } from '../../lib/server-icon.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { addedWords, toastWithAction } from '../servers/action-toast.tsx';
import { FailureNote } from '../servers/failure-note.tsx';
import { decisiveArguments } from '../servers/launch.ts';
import { ExactLaunch, LaunchSurroundings, Numbered, Reach, Warnings } from '../servers/launch-consent.tsx';
import { useSettled } from '../servers/use-settled.ts';
import { Vendor } from './entry-card.tsx';
import { EntryInput } from './entry-input.tsx';
import { type InputValues, inputProblems, sentValues, startValues } from './input-values.ts';
import { useEntryPlan } from './use-entry-plan.ts';

interface AddEntrySheetProps {
  item: CatalogItem;
  onClose: () => void;
}

/** From a catalog entry to a server: what it needs, what it can reach, exactly what will run, then the button. */
export function AddEntrySheet({ item, onClose }: AddEntrySheetProps) {
  const navigate = useNavigate();
  const [name, setName] = useState(() => freeName(item));
  const [values, setValues] = useState<InputValues>(() => startValues(item.inputs));
  const [showsProblems, setShowsProblems] = useState(false);
  const { plan, shown, error } = useEntryPlan(item, name, values);
  const isSettled = useSettled(plan?.consentHash ?? '');
  const adding = useMutation(
    api.catalog.add.mutationOptions({
      onSuccess: (server) => {
        const review = () => void navigate({ to: '/approvals', search: { server: server.name } });
        toastWithAction(
          addedWords(item.title, server),
          server.health === 'failing' ? 'See why' : 'Review them',
          review,
        );
        void queryClient.invalidateQueries({ queryKey: api.servers.list.key() });
        void queryClient.invalidateQueries({ queryKey: api.catalog.list.key() });
        onClose();
      },
    }),
  );
  const problems = inputProblems(item.inputs, values);
  const isComplete = Object.keys(problems).length === 0;
  const add = () => {
    setShowsProblems(true);
    if (!plan || plan.replaces || !isSettled || adding.isPending) return;
    adding.mutate({
      id: item.id,
      name,
      inputs: sentValues(item.inputs, values, 'with secrets'),
      consentHash: plan.consentHash,
    });
  };
  useKeys({ 'mod+Enter': add });

  // Without inputs there is only one thing to do, so the button has the focus as soon as it can act.
  const button = useRef<HTMLButtonElement>(null);
  const isOneClick = item.inputs.length === 0;
  const isReady = plan !== undefined && !plan.replaces && isSettled;
  useEffect(() => {
    if (isOneClick && isReady) button.current?.focus();
  }, [isOneClick, isReady]);

  const isTaken = shown?.replaces === true;
  const asksName = item.addedAs.length > 0 || isTaken || name !== item.name;
  const hasForm = item.inputs.length > 0 || asksName;
  const first = hasForm ? 2 : 1;
  return (
    <Sheet
      open
      onClose={onClose}
      isDirty={JSON.stringify(values) !== JSON.stringify(startValues(item.inputs))}
      className="add"
      lead={<Tile icon={iconNamed(item.icon, 'box')} size="l" />}
      title={`Add ${item.title}`}
      subtitle={
        <Vendor item={item}>
          {item.package.version && <span className="num nw dot2">version {item.package.version}</span>}
          {item.license && <span className="nw dot2">{item.license}</span>}
        </Vendor>
      }
      footer={
        <>
          <span className="dim grow">{adding.isPending ? startingWords : heldWords(item)}</span>
          <Button size="lg" tone="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button
            ref={button}
            size="lg"
            tone="primary"
            keys={['mod', 'enter']}
            busy={adding.isPending}
            aria-disabled={isComplete && !isReady}
            onClick={add}
          >
            Add {item.title}
          </Button>
        </>
      }
    >
      {hasForm && (
        <Numbered n={1} title="What it needs">
          <EntryForm
            item={item}
            name={asksName ? name : null}
            isTaken={isTaken}
            onName={setName}
            values={values}
            onChange={setValues}
            problems={showsProblems ? problems : {}}
          />
        </Numbered>
      )}
      <Numbered n={first} title="What it can reach">
        <EntryReach item={item} plan={shown} />
      </Numbered>
      <Numbered
        n={first + 1}
        title={item.package.kind === 'remote' ? 'Exactly where calls go' : 'Exactly what will run'}
        meta="complete, nothing is shortened"
      >
        {shown ? (
          <>
            <ExactLaunch plan={shown} />
            <div className="mt-3">
              <LaunchSurroundings plan={shown} />
            </div>
            <Warnings warnings={shown.warnings} />
          </>
        ) : (
          <LaunchTemplate item={item} />
        )}
        {error && (
          <div className="mt-3">
            <FailureNote title="This cannot be started yet." error={error} />
          </div>
        )}
        {adding.error && (
          <div className="mt-3">
            <FailureNote title={`${item.title} was not added.`} error={adding.error} />
          </div>
        )}
      </Numbered>
    </Sheet>
  );
}

const startingWords = 'Starting it once to learn its tools. This can take a minute.';

function heldWords(item: CatalogItem): string {
  const tools = item.tools.length > 0 ? plural(item.tools.length, 'tool') : 'tools';
  return `Its ${tools} stay held until you approve them.`;
}

/** A second server of the same entry needs a name of its own. */
function freeName(item: CatalogItem): string {
  let name: string = item.name;
  for (let n = 2; item.addedAs.includes(name); n += 1) name = `${item.name}-${n}`;
  return name;
}

interface EntryFormProps {
  item: CatalogItem;
  /** Null when the catalog's name is free. */
  name: string | null;
  isTaken: boolean;
  onName: (name: string) => void;
  values: InputValues;
  onChange: (values: InputValues) => void;
  problems: Readonly<Record<string, string>>;
}

function EntryForm({ item, name, isTaken, onName, values, onChange, problems }: EntryFormProps) {
  const hasSecret = item.inputs.some((input) => input.type === 'secret');
  return (
    <>
      <div className={item.inputs.length > 1 ? 'f2' : 'col g12'}>
        {name !== null && (
          <TextField
            label="Name"
            mono
            required
            value={name}
            onChange={onName}
            error={isTaken ? `A server called ${name} exists. Choose another name.` : undefined}
            hint={item.addedAs.length > 0 ? `You already have ${item.addedAs.join(', ')}.` : undefined}
          />
        )}
        {item.inputs.map((input, at) => (
          <EntryInput
            key={input.key}
            input={input}
            value={values[input.key] ?? ''}
            onChange={(value) => onChange({ ...values, [input.key]: value })}
            problem={problems[input.key]}
            isFirst={at === 0}
          />
        ))}
      </div>
      {hasSecret && (
        <p className="hint mt-2">
          Secrets go to the vault of Gatehouse. They never appear in a config file, a command line or the log.
        </p>
      )}
    </>
  );
}

/** Before a plan exists the catalog's own facts have to do. */
function EntryReach({ item, plan }: { item: CatalogItem; plan: LaunchPlan | undefined }) {
  const isRemote = item.package.kind === 'remote';
  const hasFolders = item.inputs.some((input) => input.type === 'directory');
  const facts = plan ?? {
    isolation: isRemote ? ('remote' as const) : ('none' as const),
    launch: { url: item.launch.url ?? null },
  };
  return (
    <>
      <Reach plan={facts} hosts={item.hosts} />
      {!isRemote && hasFolders && (
        <p className="hint mt-2">It promises to keep to what you choose above. Nothing holds it to that.</p>
      )}
      {item.risks.length > 0 && (
        <ul className="short risks mt-3">
          {item.risks.map((risk) => (
            <li key={risk}>
              <StatusShape kind="you" />
              <span>{risk}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** The command as the catalog holds it, while something required is missing. */
function LaunchTemplate({ item }: { item: CatalogItem }) {
  const { command, args, url } = item.launch;
  const argv = command === undefined ? [url ?? ''] : [command, ...args];
  return (
    <>
      <CommandBlock argv={argv} strong={decisiveArguments(argv)} className="tight" />
      <p className="hint mt-2">Braces stand for what you fill in above. The exact line appears when it is complete.</p>
    </>
  );
}
