// What every point needs: the server, the peers, a browser.

import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { root } from "../../scripts/lib/paths.mjs";
import { app } from "../install.mjs";
import { AUTHORIZATION } from "./options.mjs";
import { buildPages } from "./pages.mjs";
import { runClient, startServer } from "./processes.mjs";

const bench = `${root}/bench`;
/** Jobs of the warm-up change quickly. */
const WARM_UP = { everyMs: 50, jitterMs: 50 };

/**
 * @param {string[]} peers
 * @param {string} executablePath Chromium
 */
export async function world(peers, executablePath) {
  const server = await startServer(`${bench}/server.mjs`);
  const faultServer = await startServer(`${bench}/fault-server.mjs`);
  const pages = `${app}/pages`;
  const peerFile = (peer) => `${app}/peers/${peer}.mjs`;
  const titles = {};
  for (const peer of peers) titles[peer] = (await import(pathToFileURL(peerFile(peer)).href)).title;

  const inPages = peers.filter((peer) => !peer.startsWith("package-node"));
  const bundles = await buildPages(pages, inPages, peerFile);

  const options = { baseUrl: `${server.url}/api`, authorization: AUTHORIZATION, pollSeconds: 30 };
  const run = (client, peer, task, how) =>
    runClient(`${app}/clients/${client}.mjs`, { ...task, peer: pathToFileURL(peerFile(peer)).href }, how);
  const browser = () => chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const probe = await browser();
  const chromiumVersion = probe.version();
  await probe.close();

  return {
    peers,
    titles,
    server,
    faultServer,
    pages,
    bundles,
    options,
    run,
    browser,
    chromiumVersion,
    /** Follows jobs with a peer. Returns what the peer measured, and the server's counts without the warm-up. */
    async load(peer, job, task) {
      await server.call("begin", { ...job, ...WARM_UP });
      // The warm-up is over: its jobs and its counts go.
      const asked = () => server.call("begin", job);
      const given = { ...options, changes: job.changes };
      const result = await run("load", peer, { ...task, options: given }, { asked, limitMs: 400_000 });
      return result && { ...result, counts: await server.call("counts") };
    },
    async stop() {
      await server.stop();
      await faultServer.stop();
    },
  };
}
