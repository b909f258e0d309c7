// A reporter for node:test that writes one line of JSON for each finished test.

/** @param {AsyncIterable<import("node:test/reporters").TestEvent>} source */
export default async function* nodeCounts(source) {
  for await (const { type, data } of source) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.details?.type === "suite") continue;
    // A file is reported as a test only if it crashed or contains no tests.
    const empty = data.name === data.file && type === "test:pass";
    const skipped = data.skip !== undefined || data.todo !== undefined;
    const outcome = empty ? "empty" : skipped ? "skipped" : type === "test:pass" ? "passed" : "failed";
    yield `${JSON.stringify({ outcome, name: data.name })}\n`;
  }
}
