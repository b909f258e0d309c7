import { begin, follow, storedJob } from "./jobs.js";

/** When the page starts: continues with the job of an earlier page. */
export function resume(deploy, show) {
  const handle = storedJob(deploy);
  if (!handle) return undefined;
  const ended = follow(handle, { onProgress: show });
  // Shows the state at once. The wait alone continues with the next change.
  handle.poll().catch(() => {});
  return ended;
}

/** When the user adds a host. */
export async function addHost(deploy, host, show) {
  const handle = await begin(deploy, "POST", "/hosts", { hosts: [host] });
  return follow(handle, { onProgress: show });
}
