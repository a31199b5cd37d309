const passing = '[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]';

let opener: HTMLElement | null = null;

/** Remembers what had the focus outside dialogs and menus, for as long as the page lives. */
export function followOpener(): void {
  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement && !target.closest(passing)) opener = target;
  });
}

/**
 * For `onCloseAutoFocus` of a modal dialog: back to where the person was. Radix only knows a trigger inside the dialog's
 * own root, and ours are opened by addresses, keys and menus.
 */
export function focusOpener(event: Event): void {
  event.preventDefault();
  opener?.focus();
}
