// The tools of a consumer: it can run programs, start servers and open pages, with a simulated Deploy.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure, must } from "../../../scripts/lib/run.mjs";
import { freePort } from "../../lib/free-port.mjs";
import { listen } from "../../simulator/host/listen.mjs";
import { createSimulator } from "../../simulator/host/machine.mjs";

const PROGRAM_LIMIT_MS = 300_000;
const START_LIMIT_MS = 60_000;
const OUTCOME = "success, then JobFailedError";

/**
 * @typedef {object} Environment
 * @property {string} folder The project's folder, with the package installed.
 * @property {string} tarball The packed package.
 * @property {ReturnType<typeof import("./page.mjs").openBrowser>} chromium
 */

export class App {
  /** The simulated Deploy's origin. Programs receive it as DEPLOY_URL. */
  deploy = "";
  #chromium;
  #simulator = createSimulator({ stepMs: 20 });
  /** @type {(() => Promise<void>)[]} */
  #ends = [];
  #followed = 0;

  /** @param {Environment} environment */
  constructor({ folder, tarball, chromium }) {
    this.folder = folder;
    this.tarball = tarball;
    this.#chromium = chromium;
  }

  /** @param {Environment} environment */
  static async open(environment) {
    const app = new App(environment);
    app.deploy = await app.serve({});
    return app;
  }

  /**
   * Runs a program of the project or the system, and returns its output.
   * @param {string} command
   * @param {string[]} args
   */
  run(command, ...args) {
    return must(command, args, { cwd: this.folder, env: this.#env(), timeout: PROGRAM_LIMIT_MS });
  }

  /**
   * Starts a server, waits until it responds, and returns its origin.
   * @param {string} command
   * @param {(port: number) => string[]} args makes the server's arguments from a free port
   */
  async start(command, args) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const stop = new AbortController();
    const options = { cwd: this.folder, env: this.#env(), signal: stop.signal };
    const ended = must(command, args(port), options).then(
      () => new Failure(`${command} exited too early`),
      (error) => error,
    );
    this.#ends.push(async () => {
      stop.abort();
      await ended;
    });
    const failed = await Promise.race([responds(url), ended]);
    if (failed) throw failed;
    return url;
  }

  /**
   * Serves folders of the project on the origin of the simulated Deploy. Returns that origin.
   * @param {Record<string, string>} folders maps URL paths to folders
   * @param {Record<string, string>} headers
   */
  async serve(folders, headers = {}) {
    const absolute = Object.entries(folders).map(([path, folder]) => [path, join(this.folder, folder)]);
    const site = await listen(this.#simulator, { app: { folders: Object.fromEntries(absolute), headers } });
    this.#ends.push(() => site.close());
    return site.url;
  }

  /**
   * Opens a page in Chromium and returns the title that the page sets. Throws an error of the page.
   * @param {string} url
   */
  visit(url) {
    return this.#chromium.visit(url);
  }

  /**
   * Fails unless this string contains the outcome that many times. `checkServer` compares the total.
   * @param {string} text
   */
  followed(text, times = 1) {
    const found = text.split(OUTCOME).length - 1;
    if (found !== times) throw new Failure(`expected "${OUTCOME}" ${times} times in:\n${text}`);
    this.#followed += times;
  }

  /**
   * Fails if the built scripts contain this string, which is in a part of the package that the program does not use.
   * @param {string} built a folder of the project
   * @param {string} text
   */
  async lacks(built, text) {
    const names = await readdir(join(this.folder, built), { recursive: true });
    const scripts = names.filter((name) => /\.[cm]?js$/.test(name));
    if (scripts.length === 0) throw new Failure(`${built} contains no script`);
    for (const name of scripts) {
      const code = await readFile(join(this.folder, built, name), "utf8");
      if (code.includes(text)) throw new Failure(`${built}/${name} contains "${text}", which is unused`);
    }
  }

  /** Fails unless the server received as many calls as the consumers reported. */
  async checkServer() {
    const { received, jobs } = this.#simulator.counters();
    const calls = received["POST /hosts"] ?? 0;
    const polled = Object.values(jobs).filter((job) => job.longPolls > 0).length;
    if (calls !== 2 * this.#followed || polled !== calls) {
      throw new Failure(
        `${this.#followed} outcomes, but Deploy saw ${calls} calls and ${polled} polled jobs`,
      );
    }
  }

  async close() {
    for (const end of this.#ends.reverse()) await end();
    this.#simulator.close();
  }

  #env() {
    return {
      DEPLOY_URL: this.deploy,
      PATH: `${this.folder}/node_modules/.bin:${process.env.PATH}`,
      // No questions, no telemetry, no colors.
      CI: "1",
      NO_COLOR: "1",
      NEXT_TELEMETRY_DISABLED: "1",
      DENO_DIR: `${this.folder}/node_modules/.deno-cache`,
      DENO_NO_UPDATE_CHECK: "1",
    };
  }
}

/** @param {string} url */
async function responds(url) {
  const end = performance.now() + START_LIMIT_MS;
  while (performance.now() < end) {
    if (await fetch(url).catch(() => undefined)) return undefined;
    await sleep(100);
  }
  return new Failure(`${url} did not respond within ${START_LIMIT_MS / 1_000} s`);
}
