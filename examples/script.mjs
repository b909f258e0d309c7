// What the scripts beside this file share: a client from the environment that shows its calls, and exit codes.

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { DeployClient } from "ontap-select-deploy";
import { nodeFetch } from "ontap-select-deploy/node";

/** The longest wait for a job. After it the outcome is unknown. */
const FOUR_HOURS = 4 * 3_600_000;

const TLS_HELP =
  "To trust this certificate, set DEPLOY_FINGERPRINT to its SHA-256. To trust a CA of your own, set " +
  "NODE_EXTRA_CA_CERTS to its PEM file before Node starts.";

/** Whether a step has changed something. */
let isChanged = false;

/** Wrong arguments, environment or files. Nothing was changed. */
export class UsageError extends Error {}

/** A variable of the environment that must be set. */
export function needed(name) {
  const value = process.env[name];
  if (!value) throw new UsageError(`${name} is not set`);
  return value;
}

/** A file that must be there. */
export async function readInput(file) {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(error.message);
  }
}

/** The arguments of a script: `count` of them, and options. */
export function readArguments(usage, count, options = {}) {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    if (positionals.length === count) return { values, positionals };
  } catch {
    // An option that does not exist.
  }
  throw new UsageError(`usage: node ${usage}`);
}

/**
 * Runs a script with a client, and sets the exit code: 0 for done, 1 where a job failed or a call was refused,
 * 2 for wrong usage, 3 where nobody knows how a call ended.
 */
export async function run(work) {
  let deploy;
  try {
    deploy = clientFromEnvironment();
    process.once("SIGINT", () => {
      console.error("No longer watched. What was accepted goes on.");
      deploy.close();
    });
    await work(deploy);
  } catch (error) {
    console.error(plain(error.message));
    if (error.workflow) console.error(plain(error.workflow.advice));
    if (/certificate was rejected/.test(error.message)) console.error(TLS_HELP);
    const isUnknown = error.outcome === "unknown";
    if (isUnknown && error.job)
      console.error(`To keep waiting: npx ontap-select-deploy wait ${error.job.id}`);
    // A workflow refuses wrong arguments and plans by a TypeError.
    const isUsage = error instanceof UsageError || (error instanceof TypeError && !isChanged);
    process.exitCode = isUsage ? 2 : isUnknown ? 3 : 1;
  } finally {
    deploy?.close();
  }
}

/** Each call that changes something is a line on stderr, and below it each change of its job. */
function clientFromEnvironment() {
  const [baseUrl, password] = [needed("DEPLOY_URL"), needed("DEPLOY_PASSWORD")];
  const { DEPLOY_USERNAME: username = "admin", DEPLOY_FINGERPRINT: fingerprint256 } = process.env;
  const auth = { username, password };
  const onEvent = ({ type, method, path }) => {
    if (type === "request" && method !== "GET") console.error(`${method} ${path}`);
  };
  const onProgress = ({ state, message = "" }) => console.error(`  ${state}: ${plain(message)}`);
  try {
    const fetch = nodeFetch({ fingerprint256 });
    return new DeployClient({ baseUrl, auth, fetch, timeout: FOUR_HOURS, onEvent, onProgress });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

/** Each step of a workflow is a line on stderr once it is done, with what differs below it. */
export function onStep({ name, target, done, differs = [] }) {
  isChanged ||= done === "made" || done === "changed";
  console.error(plain(`${done}: ${name} ${target}`));
  for (const difference of differs) console.error(plain(`  ${difference}`));
}

/** The server's words: whatever would steer the terminal is left out. */
const plain = (words) => words.replaceAll(/\p{Cc}/gu, " ");
