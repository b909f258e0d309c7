// Shared by the scripts: a client from the environment, progress lines and exit codes.

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { DeployClient } from "ontap-select-deploy";
import { nodeFetch } from "ontap-select-deploy/node";

/** The longest wait for a job. The job may still succeed after it. */
const FOUR_HOURS = 4 * 3_600_000;

const UNTRUSTED =
  "To trust this certificate, compare its fingerprint with the one on the VM and set DEPLOY_FINGERPRINT. To trust " +
  "your own CA, set NODE_EXTRA_CA_CERTS to its PEM file before Node starts.";
const MISMATCH =
  "The VM has a new certificate, or somebody intercepts the connection. Get the new fingerprint from the VM's " +
  "administrator and compare it before you change DEPLOY_FINGERPRINT.";

/** Whether a step has changed something. */
let isChanged = false;

/** Wrong arguments, environment or files. The script has changed nothing. */
export class UsageError extends Error {}

/** Reads a required environment variable. */
export function needed(name) {
  const value = process.env[name];
  if (!value) throw new UsageError(`${name} is not set`);
  return value;
}

/** Reads a required file. */
export async function readInput(file) {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(error.message);
  }
}

/** Reads `count` arguments, and options. */
export function readArguments(usage, count, options = {}) {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    if (positionals.length === count) return { values, positionals };
  } catch {
    // An unknown option.
  }
  throw new UsageError(`usage: node ${usage}`);
}

/**
 * Runs a script with a client and sets the exit code: 0 done, 1 a job failed or a call was refused, 2 wrong usage,
 * 3 the outcome is unknown.
 */
export async function run(work) {
  let deploy;
  try {
    deploy = clientFromEnvironment();
    process.once("SIGINT", () => {
      console.error("No longer watched. An accepted job keeps running.");
      deploy.close();
    });
    await work(deploy);
  } catch (error) {
    const { message: reason, code } = error.cause?.cause ?? {};
    console.error(plain(reason ? `${error.message}: ${reason}` : error.message));
    if (error.workflow) console.error(plain(error.workflow.advice));
    const isMismatch = code === "ERR_TLS_CERT_FINGERPRINT_MISMATCH";
    if (/certificate was rejected/.test(error.message)) console.error(isMismatch ? MISMATCH : UNTRUSTED);
    const isUnknown = error.outcome === "unknown";
    if (isUnknown && error.job)
      console.error(`To keep waiting: npx ontap-select-deploy wait ${error.job.id}`);
    // A workflow throws a TypeError for wrong arguments and plans.
    const isUsage = error instanceof UsageError || (error instanceof TypeError && !isChanged);
    process.exitCode = isUsage ? 2 : isUnknown ? 3 : 1;
  } finally {
    deploy?.close();
  }
}

/** Prints each mutating call to stderr, and below it each change of its job. */
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

/** Prints each finished step of a workflow to stderr, and below it the differences from the plan. */
export function onStep({ name, target, done, differs = [] }) {
  isChanged ||= done === "made" || done === "changed";
  console.error(plain(`${done}: ${name} ${target}`));
  for (const difference of differs) console.error(plain(`  ${difference}`));
}

/** Removes control characters from the server's message, because they could control the terminal. */
const plain = (words) => words.replaceAll(/\p{Cc}/gu, " ");
