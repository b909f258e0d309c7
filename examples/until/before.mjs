/** Waits until a cluster is on, by hand. */
export async function whenOn(baseUrl, headers, id) {
  const end = Date.now() + 600_000;
  for (;;) {
    const answer = await fetch(`${baseUrl}/clusters/${id}?fields=state`, { headers });
    if (!answer.ok) throw new Error(`GET /clusters/${id}: ${answer.status}`);
    const { record } = await answer.json();
    if (record.state === "powered_on") return record;
    if (/failed/.test(record.state)) throw new Error(`The cluster is ${record.state}`);
    if (Date.now() > end) throw new Error("The cluster is not on after ten minutes");
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  }
}
