import { HttpResponse, http } from "msw";

/** Sends all Deploy API requests to a simulator. For `setupServer` in Node and `setupWorker` in a page. */
export function deployHandlers(simulator) {
  return [
    http.all("*/api/*", ({ request }) =>
      // Passes a connection reset on to the client.
      simulator.fetch(request).catch(() => HttpResponse.error()),
    ),
  ];
}
