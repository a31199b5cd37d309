import { useQuery } from '@tanstack/react-query';
import { Chip } from '../../components/ui/chip.tsx';
import { EffectMark } from '../../components/ui/effect-mark.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/ui/empty-state.tsx';
import { Sheet } from '../../components/ui/sheet.tsx';
import { api } from '../../lib/client.ts';
import { tokensText } from './tokens-text.ts';

/** Exactly what one app sees, server by server. */
export function SeeAsSheet({ app, onClose }: { app: string; onClose: () => void }) {
  const sight = useQuery(api.policy.sees.queryOptions({ input: { app } }));
  const seen = sight.data;
  const total = seen?.servers.reduce((sum, { tools }) => sum + tools.length, 0) ?? 0;
  return (
    <Sheet
      open
      onClose={onClose}
      className="pform"
      title={seen ? `What ${seen.app} sees` : 'What the app sees'}
      subtitle={seen && `${total} of ${seen.approved} approved tools. Its menu is about ${tokensText(seen.menuChars)}.`}
    >
      {sight.isPending && <Skeleton label="Looking through its eyes" />}
      {sight.isError && (
        <ErrorState title="This cannot be said now" error={sight.error} onRetry={() => void sight.refetch()}>
          Nothing was changed.
        </ErrorState>
      )}
      {seen?.servers.length === 0 && (
        <EmptyState icon="eye" title="It sees nothing">
          Its profile hides everything, or nothing is approved yet.
        </EmptyState>
      )}
      <div className="seen">
        {seen?.servers.map(({ server, tools, prompts, resources }) => (
          <section key={server}>
            <h3>
              {server}{' '}
              <span className="meta">
                {tools.length} tools, {prompts} prompts, {resources} resources
              </span>
            </h3>
            <ul>
              {tools.map(({ id, effect, answer }) => (
                <li key={id}>
                  <EffectMark effect={effect} />
                  <span className="mono cut grow">{id.slice(server.length + 1)}</span>
                  {answer === 'ask' && <Chip tone="brass">asks you</Chip>}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Sheet>
  );
}
