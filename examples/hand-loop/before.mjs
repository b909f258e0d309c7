/** Adds a host, without the package. */
export async function addHost(baseUrl, headers, host) {
  const response = await fetch(`${baseUrl}/hosts`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ hosts: [host] }),
  });
  let { job } = await response.json();
  while (job.state !== "success") {
    if (job.state === "failure") throw new Error(job.message);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const poll = await fetch(`${baseUrl}/jobs/${job.id}?fields=state,message`, { headers });
    job = (await poll.json()).record;
  }
}
