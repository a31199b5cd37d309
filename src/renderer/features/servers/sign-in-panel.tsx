import type { ServerDetail } from '@shared/contract/index.ts';
import { useMutation } from '@tanstack/react-query';
import { Button } from '../../components/ui/button.tsx';
import { Panel } from '../../components/ui/panel.tsx';
import { Status } from '../../components/ui/status.tsx';
import { toastDone, toastFailed } from '../../components/ui/toast.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { api, queryClient } from '../../lib/client.ts';

const sentences = {
  needed: 'Nobody is signed in',
  'signed-in': 'You are signed in',
  'more-needed': 'Signed in, but a call asked for more rights',
} as const;

/** Whether somebody is signed in at a remote server; begins a sign-in in the browser, or forgets one. */
export function SignInPanel({ server }: { server: ServerDetail }) {
  const { name, signIn: state } = server;
  const refresh = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: api.servers.list.key() }),
      queryClient.invalidateQueries({ queryKey: api.servers.get.key({ input: { name } }) }),
    ]);
  const done = useMutation(
    api.servers.signInDone.mutationOptions({
      onSuccess: () => toastDone(`You are signed in at ${name}.`),
      onError: (error) => toastFailed(error.message),
      onSettled: () => {
        begin.reset();
        return refresh();
      },
    }),
  );
  const begin = useMutation(
    api.servers.signIn.mutationOptions({
      onSuccess: () => done.mutate({ name }),
      onError: (error) => toastFailed(error.message),
    }),
  );
  const signOut = useMutation(
    api.servers.signOut.mutationOptions({
      onSuccess: () => toastDone(`You are signed out at ${name}.`),
      onError: (error) => toastFailed(error.message),
      onSettled: refresh,
    }),
  );
  if (state === null) return null;
  const page = begin.data;
  return (
    <Panel title="Sign-in">
      <div className="panel-b">
        <Status kind={state === 'signed-in' ? 'ok' : 'you'}>{sentences[state]}</Status>
        {page && (
          <p>
            Sign in at <VisibleText text={page.host} /> in your browser. Gatehouse waits five minutes.
          </p>
        )}
      </div>
      <div className="panel-f">
        {page ? (
          <a className="link" href={page.url} target="_blank" rel="noreferrer">
            Open {page.host}
          </a>
        ) : (
          <Button busy={begin.isPending} onClick={() => begin.mutate({ name })}>
            {state === 'needed' ? 'Sign in' : 'Sign in again'}
          </Button>
        )}
        {(state !== 'needed' || page) && (
          <Button tone="ghost" busy={signOut.isPending} onClick={() => signOut.mutate({ name })}>
            {page ? 'Cancel' : 'Sign out'}
          </Button>
        )}
      </div>
    </Panel>
  );
}
