import { toast } from 'sonner';
import { Icon } from '../../components/icon/icon.tsx';
import { Button } from '../../components/ui/button.tsx';

/** Something was done, with a named next step that is not an exact undo. */
export function toastWithAction(text: string, label: string, run: () => void): void {
  toast.custom(
    (id) => (
      <div className="toast">
        <Icon name="check" size="s" />
        <span>{text}</span>
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
