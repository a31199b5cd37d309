import type { ServerSummary } from '@shared/contract/index.ts';
import { toast } from 'sonner';
import { Icon } from '../../components/icon/icon.tsx';
import { Button } from '../../components/ui/button.tsx';
import { VisibleText } from '../../components/ui/visible-text.tsx';

/** Something was done, with a named next step that is not an exact undo. */
export function toastWithAction(text: string, label: string, run: () => void): void {
  toast.custom(
    (id) => (
      <div className="toast">
        <Icon name="check" size="s" />
        <span>
          <VisibleText text={text} />
        </span>
        <Button
          size="sm"
          onClick={() => {
            toast.dismiss(id);
            run();
          }}
        >
          {label}
        </Button>
      </div>
    ),
    { duration: 8000 },
  );
}

/** What came of adding a server. Its first start is part of it, and may fail although the server was added. */
export function addedWords(title: string, server: Pick<ServerSummary, 'health'>): string {
  return server.health === 'failing'
    ? `${title} was added, but it does not start.`
    : `${title} was added. Its tools wait for you.`;
}
