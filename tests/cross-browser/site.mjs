// A simulated Deploy on a real socket, with a page beside it.

import { pageHeaders } from "../../scripts/lib/page-headers.mjs";
import { dist, pageDir, root } from "../../scripts/lib/paths.mjs";
import { listenWithFaults } from "../simulator/host/listen-with-faults.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";

const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

/** A page with the package as it was built, under a strict policy. */
export const packagePage = {
  folders: { "/": `${root}/tests/cross-browser/page`, "/package": `${dist}/esm` },
  headers: { "content-security-policy": policy },
};

/** The console page, under the headers that it is served with. */
export const consolePage = { folders: { "/": pageDir }, headers: pageHeaders };

/**
 * Serves a page together with a Deploy; both end with the test `t`. Each is an origin of its own, so that
 * tests have nothing in common but the browser.
 */
export async function serve(t, app, { clock, ...config } = {}) {
  const told = { stepMs: 50, ...config };
  const simulator = createSimulator(told, { clock });
  const site = await listenWithFaults(simulator, told, { app });
  t.after(async () => {
    await site.close();
    simulator.close();
  });
  return { simulator, url: site.url };
}

/** Waits for something on the server's side. */
export async function until(happened) {
  while (!happened()) await new Promise((resolve) => setTimeout(resolve, 10));
}
