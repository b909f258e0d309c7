/** Adds a host by hand. */
export async function addHost(baseUrl, headers, host) {
  const answer = await fetch(`${baseUrl}/hosts`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ hosts: [host] }),
  });
  let { job } = await answer.json();
  while (job.state !== "success") {
    if (job.state === "failure") throw new Error(job.message);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const poll = await fetch(`${baseUrl}/jobs/${job.id}?fields=state,message`, { headers });
    job = (await poll.json()).record;
  }
}
