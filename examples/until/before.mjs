/** Waits until a cluster is powered on, without the package. */
export async function waitUntilOn(baseUrl, headers, id) {
  const end = Date.now() + 600_000;
  for (;;) {
    const response = await fetch(`${baseUrl}/clusters/${id}?fields=state`, { headers });
    if (!response.ok) throw new Error(`GET /clusters/${id}: ${response.status}`);
    const { record } = await response.json();
    if (record.state === "powered_on") return record;
    if (/failed/.test(record.state)) throw new Error(`The cluster is ${record.state}`);
    if (Date.now() > end) throw new Error("The cluster is not on after ten minutes");
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  }
}
