import { HttpResponse, http } from "msw";

/** The whole Deploy API, answered by a simulator. For `setupServer` in Node and `setupWorker` in a page. */
export function deployHandlers(simulator) {
  return [
    http.all("*/api/*", ({ request }) =>
      // A reset of the simulator's is one for the client too.
      simulator.fetch(request).catch(() => HttpResponse.error()),
    ),
  ];
}
