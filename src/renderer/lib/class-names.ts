/** Joins the class names that are set: `classNames('btn', isSmall && 'sm')`. */
export function classNames(...names: (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
