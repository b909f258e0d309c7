// Runs a script. A Failure is printed without a stack trace, because its message says what to do.

import { Failure } from "./run.mjs";

const OLDEST_NODE = 20;

/**
 * Runs a script's body and turns its outcome into an exit code.
 * @param {(args: string[]) => Promise<void>} body
 */
export async function main(body) {
  try {
    requireNode();
    await body(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

function requireNode() {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    throw new Failure(`Node ${OLDEST_NODE} or later is required; this is Node ${process.versions.node}.`);
  }
}
