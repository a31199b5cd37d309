import { Dialog } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { focusOpener } from '../../lib/opener.ts';
import { Button, IconButton } from './button.tsx';

interface PanelProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  /** A line under the title. */
  subtitle?: ReactNode;
  /** Stands left of the title, e.g. a Tile. */
  lead?: ReactNode;
  /** Stands right of the title, before Close. */
  actions?: ReactNode;
  footer?: ReactNode;
  children: ReactNode;
  className?: string;
}

interface SheetProps extends PanelProps {
  /** Unsaved input: closing asks first. */
  isDirty?: boolean;
}

function Header({ title, subtitle, lead, actions }: Pick<PanelProps, 'title' | 'subtitle' | 'lead' | 'actions'>) {
  return (
    <div className={classNames('dr-h', subtitle !== undefined && 'top')}>
      {lead}
      <div className="grow">
        <Dialog.Title asChild>
          <h2>{title}</h2>
        </Dialog.Title>
        {subtitle !== undefined && <div className="meta mt-1">{subtitle}</div>}
      </div>
      {actions}
      <Dialog.Close asChild>
        <IconButton icon="x" label="Close" tone="ghost" size="sm" />
      </Dialog.Close>
    </div>
  );
}

/** The first thing to fill in, else the sheet itself: opening must not put the focus on Close. */
function focusFirstField(event: Event): void {
  if (!(event.target instanceof HTMLElement)) return;
  event.preventDefault();
  const field = event.target.querySelector<HTMLElement>('.dr-b input, .dr-b textarea');
  (field ?? event.target).focus();
}

/** Changes something: modal, 620 px, with scrim. Escape asks when there is unsaved input. */
export function Sheet({ open, onClose, isDirty = false, footer, children, className, ...header }: SheetProps) {
  const [asks, setAsks] = useState(false);
  const close = () => {
    if (isDirty && !asks) {
      setAsks(true);
      return;
    }
    setAsks(false);
    onClose();
  };
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content
          className={classNames('sheetp', className)}
          data-modal=""
          aria-describedby={undefined}
          onOpenAutoFocus={focusFirstField}
          onCloseAutoFocus={focusOpener}
        >
          <Header {...header} />
          <div className="dr-b">{children}</div>
          {asks ? (
            <div className="dr-f" role="alert">
              <b className="grow">What you entered is not saved.</b>
              <Button tone="danger" onClick={close}>
                Close without saving
              </Button>
              <Button tone="primary" onClick={() => setAsks(false)}>
                Keep editing
              </Button>
            </div>
          ) : (
            footer && <div className="dr-f">{footer}</div>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Looks at something: 468 px, no scrim; the list behind stays usable and keeps the focus. */
export function Drawer({ open, onClose, footer, children, className, ...header }: PanelProps) {
  return (
    <Dialog.Root open={open} modal={false} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Content
          className={classNames('drawer', className)}
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
        >
          <Header {...header} />
          <div className="dr-b">{children}</div>
          {footer && <div className="dr-f">{footer}</div>}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** Names the result, e.g. "Remove github". */
  confirmLabel: string;
  onConfirm: () => void;
  busy?: boolean;
}

/** Only for what cannot be undone; everything else happens at once with Undo. */
export function ConfirmIrreversible({ open, onClose, title, children, confirmLabel, onConfirm, busy }: ConfirmProps) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content
          className="confirm"
          role="alertdialog"
          data-modal=""
          aria-describedby={undefined}
          onCloseAutoFocus={focusOpener}
        >
          <Dialog.Title asChild>
            <h2>{title}</h2>
          </Dialog.Title>
          <div className="dim mt-1">{children}</div>
          <div className="row mt-5 justify-end">
            <Button size="lg" onClick={onClose}>
              Cancel
            </Button>
            <Button size="lg" tone="irreversible" onClick={onConfirm} busy={busy}>
              {confirmLabel}
            </Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
