import type { LaunchPlan } from '@shared/contract/index.ts';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Note } from '../../components/ui/banner.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Sheet } from '../../components/ui/sheet.tsx';
import { Tile } from '../../components/ui/tile.tsx';
import { toastDone } from '../../components/ui/toast.tsx';
import { api, queryClient } from '../../lib/client.ts';
import { useKeys } from '../../lib/use-keys.ts';
import { addedWords } from './action-toast.tsx';
import { FailureNote } from './failure-note.tsx';
import { ExactLaunch, LaunchSurroundings, Numbered, Reach, Warnings } from './launch-consent.tsx';
import { addInputOf, draftProblems, emptyDraft } from './server-draft.ts';
import { ServerForm } from './server-form.tsx';
import { useSettled } from './use-settled.ts';

interface AddServerSheetProps {
  open: boolean;
  onClose: () => void;
}

/** First what it is, then exactly what would run; nothing starts before the second step is agreed to. */
export function AddServerSheet({ open, onClose }: AddServerSheetProps) {
  return open ? <OpenSheet onClose={onClose} /> : null;
}

function OpenSheet({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [draft, setDraft] = useState(emptyDraft);
  const [showsProblems, setShowsProblems] = useState(false);
  const [plan, setPlan] = useState<LaunchPlan | null>(null);
  const planning = useMutation(api.servers.plan.mutationOptions({ onSuccess: setPlan }));
  const adding = useMutation(
    api.servers.add.mutationOptions({
      onSuccess: (server) => {
        toastDone(addedWords(server.name, server));
        void queryClient.invalidateQueries({ queryKey: api.servers.list.key() });
        void navigate({ to: '/approvals', search: { server: server.name } });
      },
    }),
  );
  const problems = draftProblems(draft);
  const isSettled = useSettled(plan?.consentHash ?? '');
  const isReady = Object.keys(problems).length === 0;

  const showPlan = () => {
    setShowsProblems(true);
    if (!isReady) return;
    const { name, config } = addInputOf(draft);
    planning.mutate({ name, config });
  };
  const add = () => {
    if (!plan || !isSettled || adding.isPending) return;
    adding.mutate({ ...addInputOf(draft), consentHash: plan.consentHash, ...(plan.replaces && { replace: true }) });
  };
  useKeys({ 'mod+Enter': plan ? add : showPlan });

  if (plan) {
    const verb = plan.replaces ? 'Replace' : 'Add';
    return (
      <Sheet
        open
        onClose={onClose}
        isDirty
        className="add"
        lead={<Tile icon={draft.kind === 'url' ? 'cloud' : 'terminal'} size="l" />}
        title={`${verb} ${plan.name}`}
        subtitle="Nothing has run yet"
        footer={
          <>
            <span className="dim grow">
              {adding.isPending
                ? 'Starting it once to learn its tools. This can take a minute.'
                : 'Its tools stay held until you approve them.'}
            </span>
            <Button
              size="lg"
              tone="ghost"
              onClick={() => {
                setPlan(null);
                adding.reset();
              }}
            >
              Back
            </Button>
            <Button
              size="lg"
              tone="primary"
              keys={['mod', 'enter']}
              busy={adding.isPending}
              aria-disabled={!isSettled}
              onClick={add}
              autoFocus
            >
              {verb} {plan.name}
            </Button>
          </>
        }
      >
        <Numbered
          n={1}
          title={draft.kind === 'url' ? 'Exactly where calls go' : 'Exactly what will run'}
          meta="complete, nothing is shortened"
        >
          <ExactLaunch plan={plan} />
        </Numbered>
        <Numbered n={2} title="What it gets handed over" meta="names, never values">
          <LaunchSurroundings plan={plan} />
        </Numbered>
        <Numbered n={3} title="What it can reach">
          <Reach plan={plan} />
          <Warnings warnings={plan.warnings} />
          {plan.replaces && (
            <div className="mt-3">
              <Note tone="brick" icon="warn">
                <b>A server called {plan.name} exists.</b> This takes its place, and all its tools go back to review.
              </Note>
            </div>
          )}
          {adding.error && (
            <div className="mt-3">
              <FailureNote title={`${plan.name} was not added.`} error={adding.error} />
            </div>
          )}
        </Numbered>
      </Sheet>
    );
  }
  return (
    <Sheet
      open
      onClose={onClose}
      isDirty={JSON.stringify(draft) !== JSON.stringify(emptyDraft)}
      className="add"
      title="Add a server"
      subtitle="By the command or address its documentation names"
      footer={
        <>
          <span className="dim grow">The next step shows exactly what would run.</span>
          <Button size="lg" tone="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button size="lg" tone="primary" keys={['mod', 'enter']} busy={planning.isPending} onClick={showPlan}>
            Show what will run
          </Button>
        </>
      }
    >
      <ServerForm draft={draft} onChange={setDraft} problems={showsProblems ? problems : {}} />
      {planning.error && (
        <div className="mt-3">
          <FailureNote title="This cannot be started." error={planning.error} />
        </div>
      )}
    </Sheet>
  );
}
