import { begin, follow, left } from "./jobs.js";

/** At the page's start: goes on with the job that an earlier page has left. */
export function resume(deploy, show) {
  const handle = left(deploy);
  return handle && follow(handle, { onProgress: show });
}

/** When a host is to be added. */
export async function addHost(deploy, host, show) {
  const handle = await begin(deploy, "POST", "/hosts", { hosts: [host] });
  return follow(handle, { onProgress: show });
}
