// A plan: all that it takes to create and deploy a cluster, in the form of the JSON input of NetApp's sample
// cluster.py. Capacities are in bytes.

export type Hypervisor = "ESX" | "KVM";
export type Purpose = "mgmt" | "data" | "internal";

/** A user of a vCenter or a host, for Deploy to log in with. */
interface Login {
  readonly username?: string;
  readonly password?: string;
}

export interface PlanVcenter extends Login {
  readonly hostname: string;
}

export interface PlanHost extends Login {
  readonly name: string;
  readonly type: Hypervisor;
  /** Its vCenter; one without has a login of its own. */
  readonly mgmt_server?: string;
}

export interface PlanCluster {
  readonly name: string;
  readonly ip: string;
  readonly netmask: string;
  readonly gateway: string;
  readonly ontap_image_version?: string;
  readonly dns_info?: { readonly domains: readonly string[]; readonly dns_ips: readonly string[] };
  readonly ntp_servers?: readonly string[];
  /** Of the internal network, in bytes; for more than one node. */
  readonly mtu?: number;
  readonly ontap_admin_password?: string;
}

export interface PlanNetwork {
  readonly purpose: Purpose;
  readonly name: string;
  readonly vlan?: number | null;
}

export interface PlanPool {
  readonly name: string;
  readonly capacity?: number;
}

export interface PlanNode {
  readonly name?: string;
  readonly host_name: string;
  readonly ip: string;
  readonly instance_type: string;
  /** Serial number of a capacity license; a node without one is for evaluation. */
  readonly license?: string;
  readonly networks: readonly PlanNetwork[];
  readonly storage: {
    readonly pools: readonly PlanPool[];
    /** For software RAID. NetApp's sample has both spellings. */
    readonly disks?: readonly unknown[];
    readonly disk?: readonly unknown[];
  };
}

export interface Plan {
  readonly vcenter?: PlanVcenter;
  readonly hosts: readonly PlanHost[];
  readonly cluster: PlanCluster;
  readonly nodes: readonly PlanNode[];
}

/** What is wrong at a place of a plan, such as `nodes[0].ip`. The problem goes on from the place: `is missing`. */
export interface Fault {
  readonly place: string;
  readonly problem: string;
}

/** The purposes of the networks of each node. */
export function purposesOf(nodes: number): readonly Purpose[] {
  return nodes > 1 ? ["mgmt", "data", "internal"] : ["mgmt", "data"];
}

/** The same without passwords, to be stored or shown. */
export function withoutPasswords<T>(value: T): T {
  const isPassword = (key: string) => /password/i.test(key);
  return JSON.parse(JSON.stringify(value, (key, member) => (isPassword(key) ? undefined : member)));
}
