// Bounds for lists that grow with time, because a page may stay open for days.

/** Removes entries from the front until at most `most` are left. */
export function dropOldest<T>(list: T[], most: number): void {
  if (list.length > most) list.splice(0, list.length - most);
}

/**
 * Keeps only entries that are at least `grain` milliseconds apart. The list still covers its whole time.
 */
export function thin<T extends { readonly at: number }>(list: T[], grain: number): void {
  let last = Number.NEGATIVE_INFINITY;
  let kept = 0;
  for (const entry of list) {
    if (entry.at - last < grain) continue;
    last = entry.at;
    list[kept] = entry;
    kept += 1;
  }
  list.length = kept;
}
