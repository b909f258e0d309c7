// npm run audit: checks licenses, sources and known vulnerabilities of all dependencies. A finding is an error. A
// check that cannot reach the network is reported as skipped and does not fail, because no change here could fix it.

import { cargoTool } from "./lib/cargo-tool.mjs";
import { main } from "./lib/main.mjs";
import { attempt, Failure } from "./lib/run.mjs";

// The version that deny.toml is written for.
const CARGO_DENY = "0.20.2";
const FETCH_LIMIT_MS = 60_000;

/** @type {string[]} */
const findings = [];

await main(async () => {
  const deny = await cargoTool("cargo-deny", CARGO_DENY).catch((error) => {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
  });
  if (deny === undefined) {
    skipped("Crates", "cargo-deny could not be built");
  } else {
    await licensesAndSources(deny);
    await crateAdvisories(deny);
  }
  await npmAdvisories();
  if (findings.length > 0) throw new Failure(`Findings in: ${findings.join("; ")}`);
});

/** @param {string} deny the path of cargo-deny */
async function licensesAndSources(deny) {
  const { ok, output } = await attempt(deny, ["check", "licenses", "bans", "sources"]);
  judge("Crates: licenses, bans, sources", ok, output);
}

/** @param {string} deny the path of cargo-deny */
async function crateAdvisories(deny) {
  const what = "Crates: advisories";
  const fetched = await attempt(deny, ["fetch", "db"], { timeout: FETCH_LIMIT_MS });
  if (!fetched.ok) return skipped(what, "the advisory database could not be fetched");
  const { ok, output } = await attempt(deny, ["check", "advisories"]);
  judge(what, ok, output);
}

async function npmAdvisories() {
  const what = "npm packages: advisories";
  const { output } = await attempt("npm", ["audit", "--json", "--silent"], { timeout: FETCH_LIMIT_MS });
  /** @type {{ vulnerabilities?: Record<string, { severity: string }>, statusCode?: number } | undefined} */
  const report = parsed(output);
  if (report?.vulnerabilities === undefined) {
    return skipped(what, `the registry did not report (${report?.statusCode ?? "no response"})`);
  }
  const names = Object.entries(report.vulnerabilities).map(([name, { severity }]) => `${name}: ${severity}`);
  judge(what, names.length === 0, names.join("\n"));
}

/**
 * @param {string} what
 * @param {boolean} ok
 * @param {string} output
 */
function judge(what, ok, output) {
  console.log(`${ok ? "✓" : "✗"} ${what}`);
  if (ok) return;
  console.error(output.trim());
  findings.push(what);
}

/**
 * @param {string} what
 * @param {string} why
 */
function skipped(what, why) {
  console.log(`– ${what}: skipped, ${why}`);
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
