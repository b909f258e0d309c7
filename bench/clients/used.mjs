// The memory that this process uses after a garbage collection.

/** Bytes: the heap with its external memory, such as WebAssembly's, and the resident memory of the process. */
export async function used() {
  for (let round = 0; round < 6; round += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}
