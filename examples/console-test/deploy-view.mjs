// The part of a console that deploys a cluster and shows the progress.

/** Deploys a cluster. Calls `show` with what the user sees: `{ state, text }`. */
export async function deployCluster(deploy, clusterId, password, show) {
  const body = { ontap_credential: { password } };
  const onProgress = ({ message }) => show({ state: "busy", text: message ?? "…" });
  try {
    await deploy.post(`/clusters/${encodeURIComponent(clusterId)}/deploy`, body, { onProgress });
    show({ state: "done", text: "The cluster is up." });
  } catch (error) {
    // "failed", "refused" or "unknown"
    const { outcome, message } = error;
    show({ state: outcome, text: outcome === "unknown" ? `Outcome unknown: ${message}` : message });
  }
}
