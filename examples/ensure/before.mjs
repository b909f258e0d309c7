/** Adds a host unless it is there, by hand. */
export async function ensureHost(baseUrl, headers, host) {
  const find = async () => {
    const query = new URLSearchParams({ name: host.name });
    const answer = await fetch(`${baseUrl}/hosts?${query}`, { headers });
    if (!answer.ok) throw new Error(`GET /hosts: ${answer.status}`);
    return (await answer.json()).records[0];
  };
  const known = await find();
  if (known) return known;
  const answer = await fetch(`${baseUrl}/hosts`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ hosts: [host] }),
  });
  if (answer.status !== 202) throw new Error(`POST /hosts: ${answer.status}`);
  let { job } = await answer.json();
  while (job.state !== "success") {
    if (job.state === "failure") throw new Error(job.message);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const poll = await fetch(`${baseUrl}/jobs/${job.id}?fields=state,message`, { headers });
    job = (await poll.json()).record;
  }
  return find();
}
