// Jobs under way, kept over a reload of the page: their titles and tokens, in which no secret is.

/** A job to be taken up again. */
export interface Kept {
  readonly title: string;
  readonly token: string;
  /** Longest wait in milliseconds; null for none, which JSON cannot say otherwise. */
  readonly limit: number | null;
}

const key = "jobs-under-way";

export function keep(jobs: readonly Kept[]): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(jobs));
  } catch {
    // Where nothing may be stored, a reload forgets; everything else works.
  }
}

export function kept(): Kept[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(found) ? found.filter(isKept) : [];
  } catch {
    return [];
  }
}

function isKept(it: Partial<Kept> | null): it is Kept {
  return (
    typeof it?.title === "string" &&
    typeof it.token === "string" &&
    (it.limit === null || typeof it.limit === "number")
  );
}
