// 4. From the import to the first request on the wire, in a process that has never seen the code.

import { interleaved } from "../lib/rounds.mjs";

const JOB = { changes: 1, everyMs: 1 };

export async function coldNode({ peers, server, run, options }, { rounds }) {
  return interleaved("cold start in Node", rounds, peers, async (peer) => {
    await server.call("begin", JOB);
    const result = await run("cold", peer, { options: { ...options, changes: 1 } });
    const { POST } = await server.call("heard");
    return result && { ms: Number(BigInt(POST) - BigInt(result.started)) / 1e6 };
  });
}

/** Between the arrival of the request for the code and that of the first call: both are seen by the server's own clock. */
export async function coldPage({ peers, server, pages, browser }, { rounds }) {
  return interleaved("cold start in Chromium", rounds, peers, async (peer) => {
    await server.call("begin", { ...JOB, folder: pages });
    const chromium = await browser();
    try {
      const page = await chromium.newPage();
      await page.goto(`${server.url}/cold.html?${peer}`);
      await page.waitForFunction(() => document.title !== "", undefined, { timeout: 60_000 });
      const heard = await server.call("heard");
      return { ms: Number(BigInt(heard.POST) - BigInt(heard[`/${peer}.js`])) / 1e6 };
    } finally {
      await chromium.close();
    }
  });
}
