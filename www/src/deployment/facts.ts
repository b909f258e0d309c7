// The objects of Deploy that a form needs: to offer choices, and to find errors before anything is sent.

import type { DeployClient } from "ontap-select-deploy";
import type { HypervisorType } from "ontap-select-deploy/api";
import type { Equipment } from "../../../src/workflows/findings.js";
import { looksFailed } from "../../../src/workflows/objects.js";
import { type DeployObject, listObjects, pathOf } from "../objects.js";

export type { Equipment };

export interface KnownHost {
  readonly id: string;
  readonly name: string;
  readonly type: HypervisorType;
  readonly vcenter: string | undefined;
  /** Deploy reports that it has logged in. */
  readonly isReady: boolean;
  /** Deploy could not log in. The host must be removed before it can be added again. */
  readonly hasFailed: boolean;
}

export interface KnownCluster {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly isDeployed: boolean;
  /** Its state says that a job is running on it. */
  readonly isBusy: boolean;
}

export interface License {
  readonly serial: string;
  /** Belongs to an evaluation node; no other node can use it. */
  readonly isEvaluation: boolean;
}

export interface Facts {
  readonly hosts: readonly KnownHost[];
  readonly clusters: readonly KnownCluster[];
  /** ONTAP versions, latest first. */
  readonly images: readonly string[];
  readonly licenses: readonly License[];
  /** Host names of vCenters and hosts for which Deploy has a login. */
  readonly credentials: readonly string[];
  /** Those whose login failed. The API has no known call that replaces a login. */
  readonly refused: readonly string[];
}

export const noFacts: Facts = {
  hosts: [],
  clusters: [],
  images: [],
  licenses: [],
  credentials: [],
  refused: [],
};

/** @throws what `client.list` throws. */
export async function readFacts(client: DeployClient): Promise<Facts> {
  const [hosts, clusters, images, licenses, credentials] = await Promise.all([
    listObjects(client, "/hosts", { fields: "*" }),
    readClusters(client),
    listObjects(client, "/images"),
    listObjects(client, "/licensing/licenses", { fields: "*" }),
    listObjects(client, "/security/credentials", { fields: "*" }),
  ]);
  return {
    hosts: hosts.map(knownHost),
    clusters,
    images: images.map(({ id }) => id).sort(latestFirst),
    licenses: licenses.map(({ id, record }) => ({ serial: id, isEvaluation: record.type === "evaluation" })),
    credentials: credentials.map(hostnameOf),
    refused: credentials.filter(({ record }) => looksFailed(record)).map(hostnameOf),
  };
}

/** @throws what `client.list` throws. */
export async function readClusters(client: DeployClient): Promise<KnownCluster[]> {
  const clusters = await listObjects(client, "/clusters", { fields: "name,state,is_deployed" });
  return clusters.map(({ id, name, record }) => ({
    id,
    name,
    state: String(record.state),
    isDeployed: record.is_deployed === true,
    isBusy: /ing$/.test(String(record.state)),
  }));
}

/** @throws what `client.list` throws. */
export async function readEquipment(client: DeployClient, host: string): Promise<Equipment> {
  const path = pathOf("hosts", host);
  const [networks, pools] = await Promise.all([
    listObjects(client, `${path}/networks`),
    listObjects(client, `${path}/storage/pools`, { fields: "*" }),
  ]);
  const recordsOf = (objects: readonly DeployObject[]) => objects.map(({ record }) => record);
  // The form offers no disks; the check of the whole plan covers them.
  return { networks: recordsOf(networks), pools: recordsOf(pools), disks: [] };
}

function knownHost({ id, name, record }: DeployObject): KnownHost {
  const { hypervisor_type, management_server, status } = record;
  return {
    id,
    name,
    type: hypervisor_type === "KVM" ? "KVM" : "ESX",
    vcenter: typeof management_server === "string" && management_server ? management_server : undefined,
    isReady: !looksFailed(record) && !/progress/i.test(String(status)),
    hasFailed: looksFailed(record),
  };
}

const hostnameOf = ({ record }: DeployObject) => String(record.hostname);

/** `9.17.1` before `9.9`. */
function latestFirst(one: string, other: string): number {
  return other.localeCompare(one, "en", { numeric: true });
}
