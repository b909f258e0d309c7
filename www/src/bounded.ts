// Lists that grow with time and not with what somebody asks for. A page may be left alone for days, so each has a
// bound.

/** Takes entries off the front until no more than `most` are left. */
export function dropOldest<T>(list: T[], most: number): void {
  if (list.length > most) list.splice(0, list.length - most);
}

/**
 * Keeps every entry that lies at least `grain` milliseconds after the last one that was kept. What is thinned this
 * way still reaches over all of its time, in fewer steps.
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
