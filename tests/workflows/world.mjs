// A simulated Deploy with its surroundings: the network with its faults, other clients, and the final state. The workflows
// see only the responses.

import { toResponse } from "../simulator/host/carry.mjs";
import { createSimulator } from "../simulator/host/machine.mjs";

const ORIGIN = "https://deploy.example.com";
const encoder = new TextEncoder();

export class World {
  #time;
  #jobsList;
  #password = "pw-deploy-0";
  #passwords = 1;

  /**
   * @param {import("./virtual-time.mjs").VirtualTime} time
   * @param {{ config?: object, jobsList?: number }} [setting] `jobsList`: the error status of `GET /jobs`
   */
  constructor(time, { config = {}, jobsList } = {}) {
    this.#time = time;
    this.#jobsList = jobsList;
    this.simulator = createSimulator({ ...config, password: this.#password }, { clock: time.clock });
    this.#refuseJobsList();
  }

  /** Deploy's current admin password. */
  get password() {
    return this.#password;
  }

  changePassword() {
    this.#password = `pw-deploy-${this.#passwords}`;
    this.#passwords += 1;
    this.simulator.setCredentials({ username: "admin", password: this.#password });
  }

  /** Sends a request without network faults. */
  send(method, path, headers, body, signal) {
    const bytes = body === undefined ? new ArrayBuffer(0) : encoder.encode(body).buffer;
    const request = { method, url: ORIGIN + path, headers, arrayBuffer: async () => bytes };
    return this.simulator.handle(request, { signal });
  }

  /** Sets the fault for the next request of this method and path. */
  break({ method, path }, action, processed) {
    const rule = { name: action.kind, match: { method, path }, count: 1, action };
    this.simulator.addRule({ ...rule, ...(processed !== undefined && { processed }) });
  }

  /** Converts a reply to a Response. */
  respond(answer, signal) {
    if (answer.transport.kind !== "normal") {
      return toResponse(answer, { signals: signal ? [signal] : [], clock: this.#time.clock });
    }
    // Without a stream, as in `nodeFetch`. A stream would take a third of the whole time.
    const { status, body } = answer;
    let isRead = false;
    const read = async () => {
      if (isRead) return { done: true };
      isRead = true;
      return { value: body };
    };
    return { status, headers: new Headers(answer.headers), chunks: () => ({ read, cancel: () => {} }) };
  }

  /** A call of another client with the password. */
  async ask(method, path, body) {
    const headers = [["authorization", `Basic ${btoa(`admin:${this.#password}`)}`]];
    if (body !== undefined) headers.push(["content-type", "application/json"]);
    try {
      const text = body && JSON.stringify(body);
      const answer = await this.send(method, `/api${path}`, headers, text);
      if (answer.transport.kind !== "normal") return { status: 0 };
      const said = new TextDecoder().decode(answer.body);
      return { status: answer.status, body: said ? JSON.parse(said) : undefined };
    } catch {
      return { status: 0 };
    }
  }

  async list(path) {
    return (await this.ask("GET", path)).body?.records ?? [];
  }

  /** Repairs the connection, and waits until the VM is up. */
  async calm() {
    this.simulator.clearRules();
    this.#refuseJobsList();
    while ((await this.ask("GET", "/deploy")).status === 0) await this.#time.pass(1_000);
  }

  /** Waits until no job runs on the VM. */
  async rest() {
    for (let turns = 0; (await this.runningJobs()).length > 0; turns += 1) {
      if (turns > 10_000) throw new Error("a job of the simulator does not end");
      await this.#time.pass(60_000);
    }
  }

  async runningJobs() {
    if (this.#jobsList !== undefined) this.simulator.clearRules();
    const jobs = await this.list("/jobs?fields=state,message");
    if (this.#jobsList !== undefined) this.#refuseJobsList();
    return jobs.filter(({ state }) => !/^(success|failure)$/i.test(state));
  }

  /** All objects on Deploy. */
  async records() {
    const clusters = [];
    for (const cluster of await this.list("/clusters?fields=**")) {
      const nodes = [];
      for (const node of cluster.nodes ?? []) {
        const below = `/clusters/${cluster.id}/nodes/${node.id}`;
        nodes.push({
          ...node,
          networks: await this.list(`${below}/networks?fields=*`),
          pools: await this.list(`${below}/storage/pools?fields=*`),
          disks: await this.list(`${below}/storage/disks?fields=*`),
        });
      }
      clusters.push({ ...cluster, nodes });
    }
    const hosts = await this.list("/hosts?fields=*");
    const credentials = await this.list("/security/credentials?fields=*");
    return { clusters, hosts, credentials };
  }

  #refuseJobsList() {
    if (this.#jobsList === undefined) return;
    const body = { error: { code: this.#jobsList, message: "This is not offered." } };
    const action = { kind: "status", status: this.#jobsList, body };
    this.simulator.addRule({ name: "no list of jobs", match: { method: "GET", path: "/jobs" }, action });
  }
}
