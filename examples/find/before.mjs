/** Returns the state of the cluster with this name, without the package. */
export async function stateOf(baseUrl, headers, name) {
  const query = new URLSearchParams({ name, fields: "state" });
  const response = await fetch(`${baseUrl}/clusters?${query}`, { headers });
  if (!response.ok) throw new Error(`GET /clusters: ${response.status}`);
  const { records } = await response.json();
  return records[0]?.state;
}

/** Creates a cluster record and reads it back, without the package. */
export async function describeCluster(baseUrl, headers, description) {
  const created = await fetch(`${baseUrl}/clusters?node_count=1`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(description),
  });
  if (created.status !== 201) throw new Error(`POST /clusters: ${created.status}`);
  const id = created.headers.get("location").split("/").at(-1);
  const response = await fetch(`${baseUrl}/clusters/${id}?fields=*`, { headers });
  if (!response.ok) throw new Error(`GET /clusters/${id}: ${response.status}`);
  return (await response.json()).record;
}
