import { useNavigate } from '@tanstack/react-router';
import { Banner } from '../components/ui/banner.tsx';
import { Button } from '../components/ui/button.tsx';
import { VisibleText } from '../components/ui/visible-text.tsx';
import { useWaiting } from './waiting.ts';

/**
 * Something outside this window wants to give agents more. Home has the exact facts and both answers; here is only the
 * way there, so that nobody agrees to what they have not seen in full.
 */
export function RequestsBanner() {
  const { requests } = useWaiting();
  const navigate = useNavigate();
  const [oldest, ...others] = requests;
  if (!oldest) return null;
  return (
    <Banner
      tone="brass"
      title={<VisibleText text={oldest.summary} />}
      action={
        <Button size="sm" onClick={() => void navigate({ to: '/' })}>
          See what it asks
        </Button>
      }
    >
      Nothing happens until you answer.{others.length > 0 && ` ${others.length} more wait.`}
    </Banner>
  );
}
