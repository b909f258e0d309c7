// 6. A page over HTTP/1.1, where a browser opens six connections to an origin: how long its own GETs take while it follows many jobs,
// and how late it sees their ends.

import { interleaved } from "../lib/rounds.mjs";
import { median } from "../lib/statistics.mjs";

export async function page({ peers, server, pages, browser }, { rounds, jobs, gets, lastMs }) {
  const chromium = await browser();
  try {
    return await interleaved(`a page with ${jobs} jobs`, rounds, peers, async (peer) => {
      // They end one after the other, the last one after twice `lastMs`.
      const job = { changes: 2, everyMs: lastMs / 2, jitterMs: lastMs, listable: peer === "package-list" };
      await server.call("begin", { ...job, folder: pages });
      const context = await chromium.newContext();
      try {
        const tab = await context.newPage();
        const query = new URLSearchParams({ peer, jobs, gets, changes: 2 });
        await tab.goto(`${server.url}/page.html?${query}`);
        await tab.waitForFunction(() => document.title !== "", undefined, { timeout: 240_000 });
        const { idle, busy, seen } = await tab.evaluate(() => window.result);
        const { mostOpen, mostSockets, polls, lists } = await server.call("counts");
        const ends = await server.call("ends");
        const late = Object.entries(seen).map(([name, at]) => at - ends[name]);
        return {
          idleMs: median(idle),
          busyMs: median(busy),
          mostMs: Math.max(...busy),
          gets: busy.length,
          endMedianMs: median(late),
          endLastMs: Math.max(...late),
          openPolls: mostOpen,
          connections: mostSockets,
          polls: polls + lists,
        };
      } finally {
        await context.close();
      }
    });
  } finally {
    await chromium.close();
  }
}
