// The part of a console that deploys a cluster and tells its user how that goes.

import { JobFailedError } from "ontap-select-deploy";

/**
 * Deploys a cluster. `show` is called with what is to be seen: `{ state, text }`.
 */
export async function deployCluster(deploy, clusterId, password, show) {
  const body = { ontap_credential: { password } };
  const onProgress = ({ message }) => show({ state: "busy", text: message ?? "…" });
  try {
    await deploy.post(`/clusters/${encodeURIComponent(clusterId)}/deploy`, body, { onProgress });
    show({ state: "done", text: "The cluster is up." });
  } catch (error) {
    if (error instanceof JobFailedError) show({ state: "failed", text: error.message });
    else show({ state: "unknown", text: `Nobody knows how it ended: ${error.message}` });
  }
}
