import type { ServerDetail } from '@shared/contract/index.ts';
import { Note } from '../../components/ui/banner.tsx';
import { Button } from '../../components/ui/button.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';
import { countdown } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import type { ServerActions } from './use-server-actions.ts';

function RetryLine({ at }: { at: number }) {
  const now = useNow(1000);
  const seconds = (at - now) / 1000;
  return <p className="num">{seconds > 0 ? `Gatehouse tries again in ${countdown(seconds)}.` : 'Trying again now.'}</p>;
}

interface ProblemBannerProps {
  server: ServerDetail;
  actions: ServerActions;
  onShowLog: () => void;
}

/** Why it does not work, and the next step. */
export function ProblemBanner({ server, actions, onShowLog }: ProblemBannerProps) {
  if (server.problem === null || server.health !== 'failing') return null;
  return (
    <div className="mt-3" role="alert">
      <Note tone="brick" icon="warn" big>
        <b>{server.name} does not work</b>
        <p>
          <VisibleText text={server.problem} />
        </p>
        {server.nextRetryAt !== null && <RetryLine at={server.nextRetryAt} />}
        <div className="row mt-3">
          {server.signIn !== 'needed' && (
            <Button icon="restart" busy={actions.isBusy} onClick={actions.restart}>
              Restart now
            </Button>
          )}
          <Button tone="ghost" onClick={onShowLog}>
            Show its log
          </Button>
        </div>
      </Note>
    </div>
  );
}
