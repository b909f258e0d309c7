// 4. From the import to the first request, in a process or page that has never seen the code.

import { interleaved } from "../lib/rounds.mjs";

const JOB = { changes: 1, everyMs: 1 };
// 10 Mbit/s, in bytes a second.
const LINE = { offline: false, latency: 20, downloadThroughput: 1_250_000, uploadThroughput: 1_250_000 };

/** From the import until the server receives the first request. */
export async function coldNode({ peers, server, run, options }, { rounds }) {
  return interleaved("cold start in Node", rounds, peers, async (peer) => {
    await server.call("begin", JOB);
    const result = await run("cold", peer, { options: { ...options, changes: 1 } });
    const { POST } = await server.call("firstRequests");
    return result && { ms: Number(BigInt(POST) - BigInt(result.started)) / 1e6 };
  });
}

/** From the import until the page starts its first request, in a browser that was just started. */
export async function coldPage({ peers, server, pages, browser }, { rounds }) {
  return interleaved("cold start in Chromium", rounds, peers, async (peer) => {
    await server.call("begin", { ...JOB, folder: pages });
    const chromium = await browser();
    try {
      return await visit(await chromium.newPage(), server, peer);
    } finally {
      await chromium.close();
    }
  });
}

/** The same over a slow connection, with gzip and with brotli, at the first visit and at the second. */
export async function coldLine({ peers, server, pages, browser }, { rounds }) {
  const chromium = await browser();
  try {
    const found = {};
    for (const encoding of ["gzip", "br"]) {
      found[encoding] = await interleaved(
        `cold start, 10 Mbit/s, ${encoding}`,
        rounds,
        peers,
        async (peer) => {
          await server.call("begin", { ...JOB, folder: pages, encoding, cached: true });
          // Each context has an empty cache of its own.
          const context = await chromium.newContext();
          try {
            const page = await context.newPage();
            const session = await context.newCDPSession(page);
            await session.send("Network.enable");
            await session.send("Network.emulateNetworkConditions", LINE);
            const first = await visit(page, server, peer);
            await page.goto("about:blank");
            const second = await visit(page, server, peer);
            return { firstMs: first.ms, secondMs: second.ms };
          } finally {
            await context.close();
          }
        },
      );
    }
    return found;
  } finally {
    await chromium.close();
  }
}

async function visit(page, server, peer) {
  await page.goto(`${server.url}/cold.html?${peer}`);
  await page.waitForFunction(() => document.title !== "", undefined, { timeout: 60_000 });
  return page.evaluate(() => window.result);
}
