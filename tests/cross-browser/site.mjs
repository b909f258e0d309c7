// A simulated Deploy and a page on one real socket.

import { pageHeaders } from "../../scripts/lib/page-headers.mjs";
import { dist, pageDir, root } from "../../scripts/lib/paths.mjs";
import { listenWithFaults } from "../simulator/host/listen-with-faults.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";

const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

/** A page with the built package and a strict policy. */
export const packagePage = {
  folders: { "/": `${root}/tests/cross-browser/page`, "/package": `${dist}/esm` },
  headers: { "content-security-policy": policy },
};

/** The console page with its HTTP headers. */
export const consolePage = { folders: { "/": pageDir }, headers: pageHeaders };

/**
 * Serves a page with a Deploy until the test `t` ends. Each call has its own origin, so that tests share only the
 * browser.
 */
export async function serve(t, app, { clock, ...config } = {}) {
  const settings = { stepMs: 50, ...config };
  const simulator = createSimulator(settings, { clock });
  const site = await listenWithFaults(simulator, settings, { app });
  t.after(async () => {
    await site.close();
    simulator.close();
  });
  return { simulator, url: site.url };
}

/** Waits for a condition on the server. */
export async function until(happened) {
  while (!happened()) await new Promise((resolve) => setTimeout(resolve, 10));
}
