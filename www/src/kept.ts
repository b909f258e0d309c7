// Jobs under way, kept over a reload of the page: their titles and tokens, in which no secret is. Each Deploy has
// its own, so that a log-in elsewhere takes nothing away from the first.

/** A job to be taken up again. */
export interface Kept {
  readonly title: string;
  readonly token: string;
  /** The last one that was seen. Deploy tells what has changed since the token, and nothing while nothing has. */
  readonly state?: string | undefined;
  /** Longest wait in milliseconds; null for none, which JSON cannot say otherwise. */
  readonly limit: number | null;
}

const key = "jobs-under-way";
/** So many Deploys are remembered, those that were used last. */
const mostAddresses = 8;
/** So many jobs of each, newest first. */
const mostJobs = 500;

/** Keeps these as the jobs of the Deploy at an address; none of them are left where there are none. */
export function keep(address: string, jobs: readonly Kept[]): void {
  const others = all().filter(([other]) => other !== address);
  const own = jobs.length > 0 ? [[address, jobs.slice(0, mostJobs)] as const] : [];
  try {
    sessionStorage.setItem(key, JSON.stringify([...others, ...own].slice(-mostAddresses)));
  } catch {
    // Where nothing may be stored, a reload forgets; everything else works.
  }
}

/** What is kept of the Deploy at an address, newest first. */
export function kept(address: string): Kept[] {
  return all().find(([other]) => other === address)?.[1] ?? [];
}

type Entry = readonly [address: string, jobs: Kept[]];

/** The one that was used last stands last. */
function all(): Entry[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(found)
      ? found.filter(isEntry).map(([address, jobs]) => [address, jobs.filter(isKept)])
      : [];
  } catch {
    return [];
  }
}

function isEntry(it: unknown): it is [string, unknown[]] {
  return Array.isArray(it) && typeof it[0] === "string" && Array.isArray(it[1]);
}

function isKept(it: unknown): it is Kept {
  if (typeof it !== "object" || it === null) return false;
  const { title, token, state, limit } = it as Partial<Kept>;
  return (
    typeof title === "string" &&
    typeof token === "string" &&
    (state === undefined || typeof state === "string") &&
    (limit === null || typeof limit === "number")
  );
}
