import { Toaster as Sonner, toast } from 'sonner';
import { Icon, type IconName } from '../icon/icon.tsx';
import { Button } from './button.tsx';
import { VisibleText } from './visible-text.tsx';

interface ToastAction {
  label: string;
  run: () => void;
}

const shownFor = 8000;

function show(text: string, icon: IconName, action: ToastAction | undefined) {
  toast.custom(
    (id) => (
      <div className="toast">
        <Icon name={icon} size="s" />
        <span>
          <VisibleText text={text} />
        </span>
        {action && (
          <Button
            size="sm"
            onClick={() => {
              toast.dismiss(id);
              action.run();
            }}
          >
            {action.label}
          </Button>
        )}
      </div>
    ),
    { duration: shownFor },
  );
}

/** Something reversible was done; `undo` takes it back. */
export function toastDone(text: string, undo?: () => void): void {
  show(text, 'check', undo && { label: 'Undo', run: undo });
}

/** Something failed. The page must show it too: a toast is never the only place of an error. */
export function toastFailed(text: string, retry?: () => void): void {
  show(text, 'warn', retry && { label: 'Try again', run: retry });
}

export function Toaster() {
  return <Sonner position="bottom-left" offset={{ left: 'var(--toast-left)', bottom: 20 }} gap={8} visibleToasts={3} />;
}
