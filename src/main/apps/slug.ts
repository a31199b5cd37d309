/** Longest id made from a name. */
const LONGEST = 40;

/**
 * An id people can type: lower-case ASCII letters, digits and dashes of the name, with a number when another app has
 * it already. Names in other scripts become `app`, `app-2` and so on.
 */
export function uniqueSlug(name: string, isTaken: (slug: string) => boolean): string {
  const slug =
    name
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, LONGEST)
      .replace(/-+$/, '') || 'app';
  if (!isTaken(slug)) return slug;
  for (let number = 2; ; number += 1) {
    if (!isTaken(`${slug}-${number}`)) return `${slug}-${number}`;
  }
}
