// What the scripts beside this file share: a client from the environment, calls with progress, exit codes.

import { parseArgs } from "node:util";
import { DeployClient } from "ontap-select-deploy";
import { outcomeOf } from "./outcome.mjs";

/** The longest wait for a job. After it the outcome is unknown. */
const FOUR_HOURS = 4 * 3_600_000;

const TLS_HELP =
  "To trust a certificate or CA of your own, set NODE_EXTRA_CA_CERTS to its PEM file before Node starts.";

/** Wrong arguments, environment or files. Nothing was changed. */
export class UsageError extends Error {}

/** A variable of the environment that must be set. */
export function needed(name) {
  const value = process.env[name];
  if (!value) throw new UsageError(`${name} is not set`);
  return value;
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
    await work(deploy);
  } catch (error) {
    console.error(plain(error.message));
    if (/TLS refused/.test(error.message)) console.error(TLS_HELP);
    if (error instanceof UsageError) process.exitCode = 2;
    else process.exitCode = isUnknown ? 3 : 1;
  } finally {
    deploy?.close();
  }
}

function clientFromEnvironment() {
  const [baseUrl, password] = [needed("DEPLOY_URL"), needed("DEPLOY_PASSWORD")];
  const auth = { username: process.env.DEPLOY_USERNAME ?? "admin", password };
  try {
    return new DeployClient({ baseUrl, auth, timeout: FOUR_HOURS });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

/** The records of a collection. */
export async function list(deploy, path, query) {
  const { body } = await deploy.get(path, { query });
  return body.records;
}

/** The one record with this name. */
export async function named(deploy, path, name, fields) {
  const [record] = await list(deploy, path, { name, fields });
  if (!record) throw new UsageError(`${path}: there is no "${name}"`);
  return record;
}

/** Whether a call that changes something has ended without anybody knowing how. */
let isUnknown = false;
const leaving = new AbortController();
process.once("SIGINT", () => leaving.abort(new Error("No longer watched. What was accepted goes on.")));

/** A call that changes something, until its job is over. Each change of the job is a line on stderr. */
export async function send(deploy, method, path, body) {
  console.error(`${method} ${path}`);
  let id;
  const onProgress = (job) => {
    id = job.id;
    console.error(`  ${job.state}: ${plain(job.message ?? "")}`);
  };
  try {
    return await deploy.request(method, path, { body, onProgress, signal: leaving.signal });
  } catch (error) {
    isUnknown = outcomeOf(error) === "unknown";
    if (isUnknown && id) console.error(`To go on waiting: npx ontap-select-deploy wait ${id}`);
    throw error;
  }
}

/** The server's words: whatever would steer the terminal is left out. */
const plain = (words) => words.replaceAll(/\p{Cc}/gu, " ");
