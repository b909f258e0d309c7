// What this process has in use after a collection.

/** Bytes: JavaScript's heap and what hangs on it, WebAssembly's memory included; and what the process takes of the machine. */
export async function used() {
  for (let round = 0; round < 6; round += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}
