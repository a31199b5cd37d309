const focusable = 'a[href], button:not(:disabled), input:not(:disabled), [tabindex]:not([tabindex="-1"])';

/** F6: to the first control of the next region (gate, sections, header, main, aside), round and round. */
export function focusNextRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')];
  const at = regions.findLastIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + step + regions.length) % regions.length];
  const target = next?.querySelector<HTMLElement>(focusable) ?? next;
  if (!target) return;
  // A region without controls takes the focus itself, else the round would end there.
  if (target === next && !target.hasAttribute('tabindex')) target.tabIndex = -1;
  target.focus();
}
