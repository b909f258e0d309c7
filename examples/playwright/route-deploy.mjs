/** Sends the page's Deploy API requests to a simulator. */
export async function routeDeploy(page, simulator) {
  const aborts = new WeakMap(); // by request
  page.on("requestfailed", (request) => aborts.get(request)?.abort()); // passes on the page's aborts

  await page.route("**/api/**", async (route) => {
    const request = route.request();
    const controller = new AbortController();
    aborts.set(request, controller);
    try {
      const response = await simulator.fetch(request.url(), {
        method: request.method(),
        headers: await request.allHeaders(),
        body: request.postDataBuffer() ?? undefined,
        signal: controller.signal,
      });
      const headers = Object.fromEntries(response.headers);
      await route.fulfill({ status: response.status, headers, body: await response.text() });
    } catch {
      await route.abort().catch(() => {}); // the simulator reset the connection, or the page is closed
    }
  });
}
