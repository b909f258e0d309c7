/** Answers the page's calls of the Deploy API by a simulator. */
export async function routeDeploy(page, simulator) {
  const aborts = new WeakMap(); // by request
  page.on("requestfailed", (request) => aborts.get(request)?.abort()); // what the page has aborted too

  await page.route("**/api/**", async (route) => {
    const request = route.request();
    const leaving = new AbortController();
    aborts.set(request, leaving);
    try {
      const response = await simulator.fetch(request.url(), {
        method: request.method(),
        headers: await request.allHeaders(),
        body: request.postDataBuffer() ?? undefined,
        signal: leaving.signal,
      });
      const headers = Object.fromEntries(response.headers);
      await route.fulfill({ status: response.status, headers, body: await response.text() });
    } catch {
      await route.abort().catch(() => {}); // a reset of the simulator's, or a page that is gone
    }
  });
}
