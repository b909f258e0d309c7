// Stores the open jobs over a reload: titles and tokens, which hold no secret. Each Deploy address has its own list.

/** A job to follow again. */
export interface Kept {
  readonly title: string;
  readonly token: string;
  /** The last known state: a poll from the token on reports only later changes. */
  readonly state?: string | undefined;
  /** Timeout in milliseconds; null for none, because JSON has no Infinity. */
  readonly limit: number | null;
}

const key = "jobs-under-way";
/** The maximum number of Deploy addresses; the least recently used one is dropped. */
const mostAddresses = 8;
/** The maximum number of jobs per address; the newest are kept. */
const mostJobs = 500;

/** Stores the jobs of a Deploy address; an empty list removes the entry. */
export function keep(address: string, jobs: readonly Kept[]): void {
  const others = all().filter(([other]) => other !== address);
  const own = jobs.length > 0 ? [[address, jobs.slice(0, mostJobs)] as const] : [];
  try {
    sessionStorage.setItem(key, JSON.stringify([...others, ...own].slice(-mostAddresses)));
  } catch {
    // Without storage, only the reload loses the jobs.
  }
}

/** The stored jobs of a Deploy address, newest first. */
export function kept(address: string): Kept[] {
  return all().find(([other]) => other === address)?.[1] ?? [];
}

type Entry = readonly [address: string, jobs: Kept[]];

/** The most recently used address is last. */
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
