// A Deploy that matches the public facts but differs from the simulator elsewhere: by default it lists no jobs, it shows
// few members, has other states, numbers its objects and may accept changes during a deploy.

const path = /^\/clusters\/([^/]+)(?:\/nodes\/([^/]+))?(\/.*)?$/;

export class OtherVm {
  clusters = [];
  hosts = [];
  logins = [];
  licenses = [];
  jobs = [];
  sent = [];
  #clock;
  #made = 0;
  #options;

  /**
   * @param clock The clock of the test.
   * @param options `second`: the response to a second deploy; `fails`: the failure message of the deploy; `answers`:
   * replaces the response to a call, by method and path; `jobsList`: whether jobs are listed; `showsDeployed`: whether
   * `is_deployed` is shown.
   */
  constructor(clock, options = {}) {
    this.#clock = clock;
    this.#options = { second: 409, showsDeployed: true, ...options };
  }

  /** Works as a fetch. */
  fetch = async (url, { method = "GET", body } = {}) => {
    const { pathname, searchParams } = new URL(url);
    const at = pathname.replace(/^\/api/, "");
    const json = typeof body === "string" ? JSON.parse(body) : undefined;
    this.sent.push(`${method} ${at}`);
    const own = this.#options.answers?.(`${method} ${at}`, this);
    const [status, content, headers] = own || (await this.#answer(method, at, searchParams, json));
    const type = { "content-type": "application/json" };
    return new Response(JSON.stringify(content), { status, headers: { ...type, ...headers } });
  };

  /** The mutating calls. */
  get changes() {
    return this.sent.filter((call) => !call.startsWith("GET "));
  }

  add(list, object) {
    this.#made += 1;
    list.push({ id: this.#made, ...object });
    return list.at(-1);
  }

  /** A cluster whose nodes have generated names. */
  addCluster(name, count, state, is_deployed) {
    const nodes = [];
    for (let number = 1; number <= count; number += 1) {
      const networks = ["mgmt", "data", "internal"].map((purpose) => ({
        id: `${name}-${number}-${purpose}`,
        purpose,
      }));
      this.add(nodes, { name: `${name}-0${number}`, networks, pools: [] });
    }
    return this.add(this.clusters, { name, state, is_deployed, nodes });
  }

  async #answer(method, at, query, body) {
    const list = (objects) => {
      const filters = [...query].filter(
        ([name]) => !["fields", "order_by", "invalidate_cache"].includes(name),
      );
      const records = objects.filter((one) => filters.every(([name, value]) => String(one[name]) === value));
      return [200, { num_records: records.length, records }];
    };
    if (at === "/jobs") {
      const records = this.jobs.filter(({ state }) => state === "running");
      return this.#options.jobsList ? [200, { num_records: records.length, records }] : missing;
    }
    if (at.startsWith("/jobs/")) {
      await new Promise((resolve) => this.#clock.setTimeout(resolve, 1_000));
      const job = this.jobs.find(({ id }) => at === `/jobs/${id}`);
      return job ? [200, { record: job }] : missing;
    }
    const collection = {
      "/hosts": this.hosts,
      "/security/credentials": this.logins,
      "/licensing/licenses": this.licenses,
    }[at];
    if (collection && method === "GET") return list(collection);
    if (collection) {
      for (const one of body.hosts ?? [body])
        this.add(collection, { name: one.name, hostname: one.hostname });
      return this.#job("Adding.", 1_000, () => {});
    }
    if (at === "/clusters" && method === "GET") return list(this.clusters.map((one) => this.#shown(one)));
    if (at === "/clusters") {
      const { id } = this.addCluster(body.name, Number(query.get("node_count")), "described", false);
      return [201, null, { location: `https://vm.internal/api/clusters/${id}` }];
    }
    const [, id, node, below] = path.exec(at) ?? [];
    const cluster = this.clusters.find((one) => String(one.id) === id);
    if (!cluster) return missing;
    if (node !== undefined) return this.#node(method, cluster, node, below, body, list);
    if (below === "/nodes") return list(cluster.nodes.map(({ id, name }) => ({ id, name })));
    if (below === "/deploy") return this.#deploy(cluster);
    if (method === "GET") return [200, { record: this.#shown(cluster) }];
    if (method === "DELETE") {
      if (cluster.state === "powered_on") return [400, { error: { message: "It must be offline first." } }];
      this.clusters = this.clusters.filter((one) => one !== cluster);
      return [200, null];
    }
    if (body.availability) cluster.state = body.availability;
    return [200, null];
  }

  #node(method, cluster, id, below, body, list) {
    const node = cluster.nodes.find((one) => String(one.id) === id);
    if (!node) return missing;
    if (below === undefined) {
      node.name = body.name ?? node.name;
      return [200, null];
    }
    if (below === "/networks") return list(node.networks);
    if (below.startsWith("/networks/")) return [200, null];
    if (below !== "/storage/pools") return missing;
    if (method === "GET") return list(node.pools);
    for (const { name, capacity } of body.pool_array) this.add(node.pools, { name, capacity });
    return [201, null];
  }

  #deploy(cluster) {
    const { second, fails } = this.#options;
    if (cluster.isBusy) return [second, { error: { message: "A deployment is in progress." } }];
    cluster.isBusy = true;
    cluster.state = "creating";
    this.#clock.setTimeout(() => {
      cluster.state = "post_setup";
    }, 60_000);
    return this.#job(`Deploying "${cluster.name}".`, 120_000, (job) => {
      cluster.isBusy = false;
      cluster.state = fails ? "described" : "powered_on";
      cluster.is_deployed = !fails;
      if (fails) Object.assign(job, { state: "failure", message: fails });
    });
  }

  #job(message, ms, end) {
    const job = this.add(this.jobs, { state: "running", message, last_modified: `${this.#made}` });
    this.#clock.setTimeout(() => {
      Object.assign(job, { state: "success", last_modified: `${job.last_modified}+` });
      end(job);
    }, ms);
    return [202, { job: { id: job.id, message, last_modified: job.last_modified } }];
  }

  #shown({ id, name, state, is_deployed }) {
    return { id, name, state, ...(this.#options.showsDeployed && { is_deployed }) };
  }
}

const missing = [404, { error: { message: "There is no such object." } }];
