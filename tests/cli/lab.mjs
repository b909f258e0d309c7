// A simulated Deploy with hosts, and plans for it.

import { readFile } from "node:fs/promises";
import { commandFor, file } from "./command.mjs";

const sample = JSON.parse(await readFile(new URL("../../examples/cluster.json", import.meta.url), "utf8"));

/** The passwords that the plans omit. No output may show one. */
export const passwords = {
  VCENTER_PASSWORD: "vcenter-hunter2",
  HOST_PASSWORD: "host-hunter2",
  CLUSTER_PASSWORD: "cluster-hunter2",
  BACKUP_PASSWORD: "backup-hunter2",
};
export const SECRET = /hunter2/;

/** The sample plan after `change`. */
export function planned(change = () => {}) {
  const plan = structuredClone(sample);
  change(plan);
  return plan;
}

/** A strict simulator, which accepts only what a VM is known to accept. */
export async function labFor(t, config = {}) {
  const pools = [{ name: "datastore1", availableCapacity: 3 * 2 ** 40 }];
  const hosts = [{ name: "esx-*", networks: ["ontap-external", "ontap-internal"], pools }, { name: "kvm-*" }];
  const strict = { refuseUnknownMembers: true, needCredentials: true, openHosts: false, hosts };
  const deploy = await commandFor(t, { ...strict, ...config });
  const startIt = (args, options = {}) =>
    deploy.start(args, { ...options, env: { ...passwords, ...options.env } });
  const plan = async (change) => file(t, "plan.json", planned(change));
  const sent = () =>
    deploy.simulator
      .log()
      .filter(({ method }) => method !== "GET")
      .map(
        ({ method, path }) => `${method} ${path.replaceAll(/\/(clusters|nodes|networks)\/[^/]+/g, "/$1/*")}`,
      );
  return { ...deploy, start: startIt, osd: (args, options) => startIt(args, options).ended, plan, sent };
}

/** The state of a cluster and whether it is deployed; undefined if it does not exist. */
export async function stateOf(client, name) {
  const deploy = client();
  try {
    const record = await deploy.find("/clusters", { name, fields: "state,is_deployed" });
    return record && `${record.state} ${record.is_deployed}`;
  } finally {
    deploy.close();
  }
}
