import { begin, follow, storedJob } from "./jobs.js";

/** When the page starts: continues with the job of an earlier page. */
export function resume(deploy, show) {
  const handle = storedJob(deploy);
  return handle && follow(handle, { onProgress: show });
}

/** When the user adds a host. */
export async function addHost(deploy, host, show) {
  const handle = await begin(deploy, "POST", "/hosts", { hosts: [host] });
  return follow(handle, { onProgress: show });
}
