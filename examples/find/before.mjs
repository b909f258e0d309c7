/** The state of a cluster by its name, by hand. */
export async function stateOf(baseUrl, headers, name) {
  const query = new URLSearchParams({ name, fields: "state" });
  const answer = await fetch(`${baseUrl}/clusters?${query}`, { headers });
  if (!answer.ok) throw new Error(`GET /clusters: ${answer.status}`);
  const { records } = await answer.json();
  return records[0]?.state;
}

/** Describes a cluster, and reads what Deploy made of it, by hand. */
export async function describeCluster(baseUrl, headers, description) {
  const created = await fetch(`${baseUrl}/clusters?node_count=1`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(description),
  });
  if (created.status !== 201) throw new Error(`POST /clusters: ${created.status}`);
  const id = created.headers.get("location").split("/").at(-1);
  const answer = await fetch(`${baseUrl}/clusters/${id}?fields=*`, { headers });
  if (!answer.ok) throw new Error(`GET /clusters/${id}: ${answer.status}`);
  return (await answer.json()).record;
}
