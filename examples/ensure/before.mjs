/** Adds a host unless it exists, without the package. */
export async function ensureHost(baseUrl, headers, host) {
  const find = async () => {
    const query = new URLSearchParams({ name: host.name });
    const response = await fetch(`${baseUrl}/hosts?${query}`, { headers });
    if (!response.ok) throw new Error(`GET /hosts: ${response.status}`);
    return (await response.json()).records[0];
  };
  const known = await find();
  if (known) return known;
  const response = await fetch(`${baseUrl}/hosts`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ hosts: [host] }),
  });
  if (response.status !== 202) throw new Error(`POST /hosts: ${response.status}`);
  let { job } = await response.json();
  while (job.state !== "success") {
    if (job.state === "failure") throw new Error(job.message);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const poll = await fetch(`${baseUrl}/jobs/${job.id}?fields=state,message`, { headers });
    job = (await poll.json()).record;
  }
  return find();
}
