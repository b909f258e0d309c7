/**
 * Types of the Deploy REST API, version 3, as far as it is public. Types only: at run time the module is empty.
 *
 * Each member says how sure it is and where it comes from, in the marks of `docs/deploy-api.md`:
 * **A** NetApp says so, on a page or in a sample; **B** two or more independent programs rely on it; **C** one
 * does; **I** inferred. Capacities are in bytes. Members that nobody has published are allowed everywhere, and
 * unknown. In a response all members but the `id` are optional: what comes depends on `fields`.
 *
 * @module ontap-select-deploy/api
 */

import type { AnyApi } from "./typed-calls.js";

export type {
  AnyApi,
  BodyArguments,
  BodyOf,
  BodyOption,
  Closed,
  CollectionPath,
  DescribedOptions,
  EnsureArguments,
  FindArguments,
  GrowingPath,
  Listed,
  ListedRecord,
  MethodOf,
  ObjectPath,
  OperationOf,
  OptionsArgument,
  ParamName,
  ParamsOption,
  PathHasManyRecords,
  PathHasOneRecord,
  PathNeedsItsParamsQueryOrBody,
  PathWith,
  PlainArguments,
  PostQueryOption,
  QueryOption,
  Read,
  ReadRecord,
  RequestArguments,
  ResponseOf,
  SearchOf,
  SearchOptions,
  Suggested,
  Undescribed,
  Unensured,
  Unlisted,
  Unread,
} from "./typed-calls.js";

// ---- What comes back ----

/** The response to a GET of one object. A: the sample. */
export interface One<Record> {
  /** The object, with what `fields` names. A: the sample. */
  readonly record: Record;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The response to a GET of a collection. Without a match it is empty, with status 200. A: the sample. */
export interface Many<Record> {
  /** How many records there are. A: the sample. */
  readonly num_records: number;
  /** The records, each with what `fields` names. A: the sample. */
  readonly records: readonly Record[];
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The response to a call that became a job. A: NetApp's pages, the sample. */
export interface JobStarted {
  /** The job as it was accepted. A: NetApp's pages, the sample. */
  readonly job: JobRecord;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The response to a call that is done at once and has no output: `{}` or `null`. A: the workflow; I: that there is a body. */
export type NoOutput = EmptyObject | null;

/** `{}`. */
export interface EmptyObject {
  /** There is none, which tells it from {@link JobStarted}. */
  readonly job?: never;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A job. Without `fields` it comes whole. B: public Ansible and PowerShell programs. */
export interface JobRecord {
  /** Opaque. A: NetApp's pages. */
  readonly id: string;
  /** In lower case; `success` and `failure` are ends. A: NetApp's pages, the sample. */
  readonly state?: "queued" | "running" | "success" | "failure" | (string & {});
  /** The step, or the reason of a failure. A: the sample. */
  readonly message?: string;
  /** The stamp of the last change, opaque. A: the sample. */
  readonly last_modified?: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A cluster. */
export interface Cluster {
  /** Opaque. A: the workflow. */
  readonly id: string;
  /** Its name, unique on the VM. A: the workflow. */
  readonly name?: string;
  /** Other words than these two are not public. A: the sample. */
  readonly state?: "powered_on" | "powered_off" | (string & {});
  /** Whether it has been deployed. C: a public Ansible role. */
  readonly is_deployed?: boolean;
  /** Its nodes. A: the sample. */
  readonly nodes?: readonly ClusterNode[];
  /** The version of its ONTAP image. I: what is sent can be read. */
  readonly ontap_image_version?: string;
  /** The address of its management interface. A: the sample, as a filter. */
  readonly ip?: string;
  /** The gateway of its management network. I: what is sent can be read. */
  readonly gateway?: string;
  /** The mask of its management network, such as `255.255.255.0`. I: what is sent can be read. */
  readonly netmask?: string;
  /** Time servers. I: what is sent can be read. */
  readonly ntp_servers?: readonly string[];
  /** Name servers. I: what is sent can be read. */
  readonly dns_info?: DnsInfo;
  /** The largest packet of the network between its nodes, in bytes. I: what is sent can be read. */
  readonly mtu?: number;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The name servers of a cluster. A: the workflow, the sample. */
export interface DnsInfo {
  /** Domains that are searched. A: the workflow, the sample. */
  readonly domains?: readonly string[] | undefined;
  /** Addresses of name servers. A: the workflow, the sample. */
  readonly dns_ips?: readonly string[] | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** How large a node is. `xlarge` is C: a public Ansible role; the others A: the workflow, the sample. */
export type InstanceType = "small" | "medium" | "large" | "xlarge" | (string & {});

/** A node of a cluster. */
export interface ClusterNode {
  /** Opaque. A: the workflow. */
  readonly id: string;
  /** `<cluster>-01`, `<cluster>-02` and so on, until it is changed. A: the workflow. */
  readonly name?: string;
  /** Like a cluster's. C: a public Ansible role. */
  readonly state?: "powered_on" | "powered_off" | (string & {});
  /** The host that it runs on; null before one is chosen. I: what is sent can be read. */
  readonly host?: Reference | null;
  /** Its size. I: what is sent can be read. */
  readonly instance_type?: InstanceType;
  /** The address of its management interface. I: what is sent can be read. */
  readonly ip?: string;
  /** Its license, whose id is the serial number; null for none. I: what is sent can be read. */
  readonly license?: Reference | null;
  /** Its serial number; null before it has one. A: the sample. */
  readonly serial_number?: string | null;
  /** Whether it has disks of its own, for software RAID. I: what is sent can be read. */
  readonly passthrough_disks?: boolean;
  /** Whether storage efficiency is on. I: what is sent can be read. */
  readonly is_storage_efficiency_enabled?: boolean;
  /** The reserved share of its processors, in percent. I: what is sent can be read. */
  readonly cpu_reservation_percentage?: number;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** An object that another one names. */
export interface Reference {
  /** The id of the object. A: the workflow, the sample. */
  readonly id: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** What a network of a node is for. A: the workflow, the sample. */
export type NetworkPurpose = "mgmt" | "data" | "internal" | (string & {});

/** A network of a node. They come in the order mgmt, data, internal; a single node has no `internal`. A: the workflow, the sample. */
export interface NodeNetwork {
  /** Opaque. A: the workflow. */
  readonly id: string;
  /** What it is for. A: the workflow, the sample. */
  readonly purpose?: NetworkPurpose;
  /** The name of the host's network; null before one is chosen. I: what is sent can be read. */
  readonly name?: string | null;
  /** The VLAN, 0 to 4094; null for none. I: what is sent can be read. */
  readonly vlan_id?: number | null;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A storage pool that is attached to a node. C: a public Ansible role. */
export interface NodePool {
  /** Opaque. C: a public Ansible role. */
  readonly id: string;
  /** The name of the host's pool. I: what is sent can be read. */
  readonly name?: string;
  /** How much of the pool the node takes, in bytes; null with software RAID. I: what is sent can be read. */
  readonly capacity?: number | null;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A disk that is attached to a node, for software RAID. C: a public Ansible role. */
export interface NodeDisk {
  /** Opaque. C: a public Ansible role. */
  readonly id: string;
  /** The name of the host's disk. C: a public Ansible role. */
  readonly name?: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The hypervisor of a host. A: the workflow, the sample. */
export type HypervisorType = "ESX" | "KVM" | (string & {});

/** A hypervisor host. It can be read from the 202 on, most likely (I). */
export interface Host {
  /** Opaque. A: the sample. */
  readonly id: string;
  /** Its name or address. A: the sample. */
  readonly name?: string;
  /** Its hypervisor. I: what is sent can be read. */
  readonly hypervisor_type?: HypervisorType;
  /** The vCenter that manages it; null for none. I: what is sent can be read. */
  readonly management_server?: string | null;
  /** How far Deploy's login has come. I: a public Python script, for version 2 of the API. */
  readonly status?: "authentication_in_progress" | "authentication_failed" | (string & {});
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A network of a host. C: a public PowerShell module. */
export interface HostNetwork {
  /** Opaque. I: every object has one. */
  readonly id?: string;
  /** Its name. C: a public PowerShell module. */
  readonly name?: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A storage pool of a host. C: a public PowerShell module. */
export interface HostPool {
  /** Opaque. C: a public PowerShell module. */
  readonly id: string;
  /** Its name. C: a public PowerShell module. */
  readonly name?: string;
  /** What is free, in bytes. C: a public PowerShell module. */
  readonly available_capacity?: number;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A disk of a host. B: public Ansible roles. */
export interface HostDisk {
  /** Opaque. I: every object has one. */
  readonly id?: string;
  /** Its name. B: public Ansible roles. */
  readonly name?: string;
  /** Its kind. B: public Ansible roles. */
  readonly device_type?: "SSD" | (string & {});
  /** Not public. */
  readonly [member: string]: unknown;
}

/** Whose login a credential is. A: the workflow, the sample. */
export type CredentialType = "vcenter" | "host" | (string & {});

/** A login that Deploy holds. The password never comes back. */
export interface Credential {
  /** Opaque. A: the workflow. */
  readonly id: string;
  /** The vCenter or host that it is for. A: the sample. */
  readonly hostname?: string;
  /** The user's name. B: public Ansible and PowerShell programs, as a filter. */
  readonly username?: string;
  /** Whose it is. I: what is sent can be read. */
  readonly type?: CredentialType;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A license. */
export interface License {
  /** The serial number. A: the sample. */
  readonly id: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** An ONTAP image that the VM holds. B: public Ansible roles. */
export interface OntapImage {
  /** The version, such as `9.17.1`. B: public Ansible roles. */
  readonly id: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A backup of the VM. C: a public playbook. */
export interface Backup {
  /** Opaque. I: every object has one. */
  readonly id: string;
  /** The whole address of the file, which takes HTTP Basic; null before it is there. C: a public playbook. */
  readonly download_url?: string | null;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** Something that happened. By which member the request's id is found is not public. A: NetApp's pages. */
export interface DeployEvent {
  /** Opaque. A: NetApp's pages. */
  readonly id: string;
  /** Its kind. A: NetApp's pages. */
  readonly type?: string;
  /** When, such as `2019-04-04T15:41:29.140265Z`. A: NetApp's pages. */
  readonly time?: string;
  /** What happened. A: NetApp's pages. */
  readonly message?: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A mediator of clusters of two nodes. A: NetApp's pages. */
export interface Mediator {
  /** Opaque. A: NetApp's pages. */
  readonly id: string;
  /** Its iSCSI target; null for none. A: NetApp's pages. */
  readonly iscsi_target?: IscsiTarget | null;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The iSCSI target of a mediator. A: NetApp's pages. */
export interface IscsiTarget {
  /** Its name. A: NetApp's pages. */
  readonly name: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** What the VM says of itself. C: a public PowerShell module. */
export interface DeployVm {
  /** The VM's host name. C: a public PowerShell module. */
  readonly hostname?: string;
  /** The VM's own id. C: a public PowerShell module. */
  readonly system_id?: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

// ---- What is sent: secrets go this way only ----

/** The body of `POST /security/credentials`. A: the workflow, the sample. */
export interface NewCredential {
  /** The vCenter or host that it is for. A: the workflow, the sample. */
  readonly hostname: string;
  /** The user's name. A: the workflow, the sample. */
  readonly username: string;
  /** The password that belongs to it. A: the workflow, the sample. */
  readonly password: string;
  /** Whose it is. A: the workflow, the sample. */
  readonly type: CredentialType;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `POST /hosts`. A: the workflow, the sample. */
export interface NewHosts {
  /** The hosts; also a single one comes in an array. A: the workflow, the sample. */
  readonly hosts: readonly NewHost[];
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A host to register. A: the workflow, the sample. */
export interface NewHost {
  /** Its name or address. A: the workflow, the sample. */
  readonly name: string;
  /** Its hypervisor. A: the workflow, the sample. */
  readonly hypervisor_type: HypervisorType;
  /** The vCenter that manages it, if one does. A: the workflow, the sample. */
  readonly management_server?: string | undefined;
  /** A login of its own. Default: one that is stored. A: the sample. */
  readonly credential?: Login | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A user and a password. */
export interface Login {
  /** The user's name. A: the sample. */
  readonly username: string;
  /** The password that belongs to it. A: the sample. */
  readonly password: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** What describes a cluster before it is deployed. A: the workflow, the sample. */
export interface ClusterDescription {
  /** The version of its ONTAP image, the id of an {@link OntapImage}. A: the workflow, the sample. */
  readonly ontap_image_version?: string | undefined;
  /** The address of its management interface. A: the workflow, the sample. */
  readonly ip?: string | undefined;
  /** The gateway of its management network. A: the workflow, the sample. */
  readonly gateway?: string | undefined;
  /** The mask of its management network, such as `255.255.255.0`. A: the workflow, the sample. */
  readonly netmask?: string | undefined;
  /** Time servers. A: the sample. */
  readonly ntp_servers?: readonly string[] | undefined;
  /** Name servers. A: the workflow, the sample. */
  readonly dns_info?: DnsInfo | undefined;
  /** The largest packet of the network between its nodes, 7500 to 9000 bytes; with more than one node only. C: a public Ansible role. */
  readonly mtu?: number | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `POST /clusters`. A: the workflow, the sample. */
export interface NewCluster extends ClusterDescription {
  /** Its name, without a blank, unique on the VM. A: the workflow, the sample. */
  readonly name: string;
}

/** The body of `PATCH /clusters/{id}`: the description before the deploy, then `availability`, or a resize. */
export interface ClusterChange extends ClusterDescription {
  /** Before the deploy only. A: the workflow. */
  readonly name?: string | undefined;
  /** The password of ONTAP's user admin; a resize needs it. A: the workflow, the sample. */
  readonly admin_password?: string | undefined;
  /** What the cluster is to be; after the deploy. A: the sample. */
  readonly availability?: "powered_on" | "powered_off" | (string & {}) | undefined;
  /** New sizes of nodes, whole HA pairs; after the deploy. A: the sample. */
  readonly nodes?: readonly NodeSize[] | undefined;
}

/** A node's new size. A: the sample. */
export interface NodeSize {
  /** The node's id. A: the sample. */
  readonly id: string;
  /** Its new size. A: the sample. */
  readonly instance_type: InstanceType;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `POST /clusters/{id}/deploy`. A: the workflow, the sample. */
export interface ClusterDeployment {
  /** The login that the cluster gets. A: the sample. */
  readonly ontap_credential: OntapCredential;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The login that a cluster gets, of ONTAP's user admin. A: the sample. */
export interface OntapCredential {
  /** The password. A: the workflow, the sample. */
  readonly password: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `PATCH …/nodes/{node_id}`, before the deploy. A: the workflow, the sample. */
export interface NodeChange {
  /** The host that it is to run on. A: the workflow, the sample. */
  readonly host?: Reference | undefined;
  /** Its size. A: the workflow, the sample. */
  readonly instance_type?: InstanceType | undefined;
  /** The address of its management interface. A: the workflow, the sample. */
  readonly ip?: string | undefined;
  /** Whether it gets disks of its own, for software RAID. A: the workflow, the sample. */
  readonly passthrough_disks?: boolean | undefined;
  /** Its name. A: the sample. */
  readonly name?: string | undefined;
  /** Its license, whose id is the serial number; none for an evaluation. A: the sample. */
  readonly license?: Reference | undefined;
  /** Its serial number. A: the sample. */
  readonly serial_number?: string | undefined;
  /** Whether storage efficiency is on. A: the sample. */
  readonly is_storage_efficiency_enabled?: boolean | undefined;
  /** The reserved share of its processors, in percent, 0 to 100. C: a public Ansible role. */
  readonly cpu_reservation_percentage?: number | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `PATCH …/networks/{network_id}`, before the deploy. A: the workflow, the sample. */
export interface NetworkChange {
  /** The name of the host's network. A: the workflow, the sample. */
  readonly name?: string | undefined;
  /** The VLAN, 0 to 4094, also as a text. A: the sample; as a text C: a public Ansible role. */
  readonly vlan_id?: number | string | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `POST …/storage/pools`, before the deploy. A: the sample. */
export interface NewPools {
  /** Pools of the node's host. A: the sample. */
  readonly pool_array: readonly NewPool[];
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A pool to attach. A: the sample. */
export interface NewPool {
  /** The name of the host's pool. A: the sample. */
  readonly name: string;
  /** How much of it the node takes, in bytes; none with software RAID. A: the sample. */
  readonly capacity?: number | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `POST …/storage/disks`, before the deploy. A: the sample. */
export interface NewDisks {
  /** Disks of the node's host. A: the sample. */
  readonly disks: readonly NewDisk[];
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A disk to attach. A: the sample. */
export interface NewDisk {
  /** The name of the host's disk. A: the sample. */
  readonly name: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `POST /network/connectivitychecks`. C: a public Ansible role; the CLI pages have the same words. */
export interface ConnectivityCheck {
  /** How thorough it is; `cleanup` removes what an earlier one left. C: a public Ansible role. */
  readonly mode: "quick" | "extended" | "cleanup" | (string & {});
  /** The largest packet, in bytes. C: a public Ansible role. */
  readonly mtu?: number | undefined;
  /** The kind of virtual switch. C: a public Ansible role. */
  readonly vswitch_type?:
    | "StandardvSwitch"
    | "DistributedvSwitch"
    | "OpenvSwitch"
    | (string & {})
    | undefined;
  /** Whether more is logged. C: a public Ansible role. */
  readonly debug?: boolean | undefined;
  /** The networks between which packets are to pass. C: a public Ansible role. */
  readonly host_networks: readonly CheckedNetwork[];
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A network of a host that is checked. C: a public Ansible role. */
export interface CheckedNetwork {
  /** The host's name. C: a public Ansible role. */
  readonly host_name: string;
  /** The network's name. C: a public Ansible role. */
  readonly network_name: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `POST /backups`. C: a public playbook. */
export interface NewBackup {
  /** The password that protects the file. C: a public playbook. */
  readonly password: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `POST /mediators/{id}/{action}`. A: NetApp's pages. */
export interface MediatorChange {
  /** The mediator's new target. A: NetApp's pages. */
  readonly iscsi_target: IscsiTarget;
  /** Not public. */
  readonly [member: string]: unknown;
}

// ---- Queries ----

/** What a member of a query may be. */
export type QueryValue = string | number | boolean | undefined;

/** The query of a GET of one object. */
export interface OneQuery {
  /** Which members come: names with commas between, `*` for what is cheap, `**` for all. A: NetApp's pages. */
  readonly fields?: string | undefined;
  /** Not public. */
  readonly [name: string]: QueryValue;
}

/**
 * The query of a GET of a collection. Any member of the records is a filter, with NetApp's operators, also a
 * dotted one: `{ "nodes.serial_number": "320000001" }`. A: NetApp's pages.
 */
export type ManyQuery<Record> = ListQuery & {
  readonly [Member in keyof Record as string extends Member ? never : Member]?: QueryValue;
};

/** What every query of a collection has. */
export interface ListQuery extends OneQuery {
  /** The order: `name asc`, `type desc, id asc`. A: NetApp's pages. */
  readonly order_by?: string | undefined;
  /** The largest number of records. A: NetApp's pages. */
  readonly max_records?: number | undefined;
}

/** The query of `GET /hosts`. */
export type HostsQuery = ManyQuery<Host> & {
  /** Reads the hypervisor anew; no filter. Default false. B: public Ansible roles. */
  readonly invalidate_cache?: boolean | undefined;
};

/** The query of `GET /jobs/{id}`. */
export interface JobQuery extends OneQuery {
  /** How long the response may wait for a change, 1 to 120 seconds. A: NetApp's pages, the sample. */
  readonly poll_timeout?: number | undefined;
  /** `>=` and the last stamp, for a long poll. A: the sample. */
  readonly last_modified?: string | undefined;
}

/** The query of `POST /clusters`. */
export interface NewClusterQuery {
  /** 1, 2, 4, 6 or 8; since Deploy 9.15.1 also 10 and 12. A: the workflow, the CLI pages. Default 1 (I). */
  readonly node_count?: 1 | 2 | 4 | 6 | 8 | 10 | 12 | (number & {}) | undefined;
  /** Not public. */
  readonly [name: string]: QueryValue;
}

/** The query of `PATCH /clusters/{id}`. */
export interface ClusterChangeQuery {
  /** `state` when it is powered off. A: the sample. */
  readonly force?: "state" | (string & {}) | boolean | undefined;
  /** Not public. */
  readonly [name: string]: QueryValue;
}

/** The query of `DELETE /clusters/{id}`. */
export interface ClusterDeletionQuery {
  /** Deletes one that is on. C: a public playbook. */
  readonly force?: boolean | undefined;
  /** Not public. */
  readonly [name: string]: QueryValue;
}

/** The query of `POST /clusters/{id}/deploy`. */
export interface DeploymentQuery {
  /** After a failure everything stays as it is. A: the sample. Default false (I). */
  readonly inhibit_rollback?: boolean | undefined;
  /** Not public. */
  readonly [name: string]: QueryValue;
}

/** The query of `POST …/storage/disks`. */
export interface NewDisksQuery {
  /** Whether labels on the disks are removed. C: a public Ansible role. */
  readonly remove_disk_labels?: boolean | undefined;
  /** Not public. */
  readonly [name: string]: QueryValue;
}

// ---- The calls ----

/**
 * The public calls: for each path its methods, for each of them `body`, `query` and `response`. A GET of one
 * object by its id is I where no program does it: every collection has it.
 *
 * @example
 * ```ts
 * import { DeployClient } from "ontap-select-deploy";
 * import type { DeployApi } from "ontap-select-deploy/api";
 *
 * const deploy = new DeployClient<DeployApi>({ baseUrl, auth });
 * const { body } = await deploy.get("/clusters/{id}", { params: { id }, query: { fields: "state" } });
 * body.record.state;
 * ```
 */
export interface DeployApi {
  /** What the VM says of itself. C: a public PowerShell module. */
  "/deploy": {
    /** Reads. */
    GET: Get<OneQuery, One<DeployVm>>;
  };
  /** The ONTAP images. B: public Ansible roles. */
  "/images": {
    /** Reads. */
    GET: Get<ManyQuery<OntapImage>, Many<OntapImage>>;
  };
  /** One image. I. */
  "/images/{id}": {
    /** Reads. */
    GET: Get<OneQuery, One<OntapImage>>;
  };
  /** The stored logins. A: the workflow, the sample. */
  "/security/credentials": {
    /** Reads. */
    GET: Get<ManyQuery<Credential>, Many<Credential>>;
    /** Adds, or begins. */
    POST: Change<NewCredential, JobStarted>;
  };
  /** One login. I. */
  "/security/credentials/{id}": {
    /** Reads. */
    GET: Get<OneQuery, One<Credential>>;
  };
  /** The hosts. A: the workflow, the sample. */
  "/hosts": {
    /** Reads. */
    GET: Get<HostsQuery, Many<Host>>;
    /** Adds, or begins. */
    POST: Change<NewHosts, JobStarted>;
  };
  /** One host. DELETE is A: NetApp's pages; its response has no body, or a job (C: a public Ansible role). */
  "/hosts/{id}": {
    /** Reads. */
    GET: Get<OneQuery, One<Host>>;
    /** Removes. */
    DELETE: Delete<JobStarted | NoOutput | undefined>;
  };
  /** A host's networks. C: a public PowerShell module. */
  "/hosts/{id}/networks": {
    /** Reads. */
    GET: Get<ManyQuery<HostNetwork>, Many<HostNetwork>>;
  };
  /** A host's storage pools. C: a public PowerShell module. */
  "/hosts/{id}/storage/pools": {
    /** Reads. */
    GET: Get<ManyQuery<HostPool>, Many<HostPool>>;
  };
  /** A host's disks. B: public Ansible roles. */
  "/hosts/{id}/storage/disks": {
    /** Reads. */
    GET: Get<ManyQuery<HostDisk>, Many<HostDisk>>;
  };
  /** The clusters. POST is done at once, and `location` names the cluster. A: the workflow, the sample. */
  "/clusters": {
    /** Reads. */
    GET: Get<ManyQuery<Cluster>, Many<Cluster>>;
    /** Adds, or begins. */
    POST: Change<NewCluster, NoOutput, NewClusterQuery>;
  };
  /** One cluster. A: the workflow, the sample. */
  "/clusters/{id}": {
    /** Reads. */
    GET: Get<OneQuery, One<Cluster>>;
    /** Changes. */
    PATCH: Change<ClusterChange, JobStarted | NoOutput, ClusterChangeQuery>;
    /** Removes. */
    DELETE: Delete<JobStarted | NoOutput, ClusterDeletionQuery>;
  };
  /** Deploys a cluster. A: the workflow, the sample. */
  "/clusters/{id}/deploy": {
    /** Adds, or begins. */
    POST: Change<ClusterDeployment, JobStarted, DeploymentQuery>;
  };
  /** A cluster's nodes. A: the workflow. */
  "/clusters/{id}/nodes": {
    /** Reads. */
    GET: Get<ManyQuery<ClusterNode>, Many<ClusterNode>>;
  };
  /** One node. PATCH is A: the workflow, the sample; GET is I. */
  "/clusters/{id}/nodes/{node_id}": {
    /** Reads. */
    GET: Get<OneQuery, One<ClusterNode>>;
    /** Changes. */
    PATCH: Change<NodeChange, NoOutput>;
  };
  /** A node's networks. A: the workflow, the sample. */
  "/clusters/{id}/nodes/{node_id}/networks": {
    /** Reads. */
    GET: Get<ManyQuery<NodeNetwork>, Many<NodeNetwork>>;
  };
  /** One network of a node. PATCH is A: the workflow, the sample; GET is I. */
  "/clusters/{id}/nodes/{node_id}/networks/{network_id}": {
    /** Reads. */
    GET: Get<OneQuery, One<NodeNetwork>>;
    /** Changes. */
    PATCH: Change<NetworkChange, NoOutput>;
  };
  /** A node's storage pools. POST is A: the sample; GET is C: a public Ansible role. */
  "/clusters/{id}/nodes/{node_id}/storage/pools": {
    /** Reads. */
    GET: Get<ManyQuery<NodePool>, Many<NodePool>>;
    /** Adds, or begins. */
    POST: Change<NewPools, JobStarted | NoOutput>;
  };
  /** One storage pool of a node. C: a public Ansible role. */
  "/clusters/{id}/nodes/{node_id}/storage/pools/{pool_id}": {
    /** Removes. */
    DELETE: Delete<JobStarted | NoOutput>;
  };
  /** A node's disks. POST is A: the sample; GET is C: a public Ansible role. */
  "/clusters/{id}/nodes/{node_id}/storage/disks": {
    /** Reads. */
    GET: Get<ManyQuery<NodeDisk>, Many<NodeDisk>>;
    /** Adds, or begins. */
    POST: Change<NewDisks, JobStarted | NoOutput, NewDisksQuery>;
  };
  /** One disk of a node. C: a public Ansible role. */
  "/clusters/{id}/nodes/{node_id}/storage/disks/{disk_id}": {
    /** Removes. */
    DELETE: Delete<JobStarted | NoOutput>;
  };
  /**
   * The licenses. The body of POST is a form with the part `license_file`: NetApp's file, JSON with
   * `statusResp.serialNumber`. A: the sample.
   */
  "/licensing/licenses": {
    /** Reads. */
    GET: Get<ManyQuery<License>, Many<License>>;
    /** Adds, or begins. */
    POST: Change<FormData, JobStarted | NoOutput>;
  };
  /**
   * One license. The body of PUT is the same form; where a node that is on uses the license, it also has
   * `ontap_username` and `ontap_password`. A: the sample. GET is I.
   */
  "/licensing/licenses/{id}": {
    /** Reads. */
    GET: Get<OneQuery, One<License>>;
    /** Replaces. */
    PUT: Change<FormData, JobStarted | NoOutput>;
  };
  /** Checks the networks between hosts. C: a public Ansible role. */
  "/network/connectivitychecks": {
    /** Adds, or begins. */
    POST: Change<ConnectivityCheck, JobStarted>;
  };
  /** The VM's backups. C: a public playbook; GET is I. */
  "/backups": {
    /** Reads. */
    GET: Get<ManyQuery<Backup>, Many<Backup>>;
    /** Adds, or begins. */
    POST: Change<NewBackup, JobStarted>;
  };
  /** One backup. C: a public playbook. */
  "/backups/{id}": {
    /** Reads. */
    GET: Get<OneQuery, One<Backup>>;
    /** Removes. */
    DELETE: Delete<JobStarted | NoOutput>;
  };
  /** The events. A: NetApp's pages. */
  "/events": {
    /** Reads. */
    GET: Get<ManyQuery<DeployEvent>, Many<DeployEvent>>;
  };
  /** One event. I. */
  "/events/{id}": {
    /** Reads. */
    GET: Get<OneQuery, One<DeployEvent>>;
  };
  /** The mediators. A: NetApp's pages. */
  "/mediators": {
    /** Reads. */
    GET: Get<ManyQuery<Mediator>, Many<Mediator>>;
  };
  /** One mediator. I. */
  "/mediators/{id}": {
    /** Reads. */
    GET: Get<OneQuery, One<Mediator>>;
  };
  /** Changes a mediator. Which actions there are is not public here. A: NetApp's pages. */
  "/mediators/{id}/{action}": {
    /** Adds, or begins. */
    POST: Change<MediatorChange, JobStarted | NoOutput>;
  };
  /** The jobs. I. */
  "/jobs": {
    /** Reads. */
    GET: Get<ManyQuery<JobRecord>, Many<JobRecord>>;
  };
  /** One job: `deploy.job(id)` follows it. A: NetApp's pages, the sample. */
  "/jobs/{id}": {
    /** Reads. */
    GET: Get<JobQuery, One<JobRecord>>;
  };
}

/** A call that reads. */
export interface Get<Query, Response> {
  /** Its query. */
  query: Query;
  /** The body of its response. */
  response: Response;
}

/** A call with a body. */
export interface Change<Body, Response, Query = AnyQuery> {
  /** Its body. */
  body: Body;
  /** Its query. */
  query: Query;
  /** The body of its response. */
  response: Response;
}

/** A call that removes. */
export interface Delete<Response, Query = AnyQuery> {
  /** Its query. */
  query: Query;
  /** The body of its response. */
  response: Response;
}

/** A query of which nothing is public. */
export interface AnyQuery {
  /** Not public. */
  readonly [name: string]: QueryValue;
}

// ---- The plan of a cluster ----

/**
 * A cluster to deploy: the JSON input of NetApp's sample `cluster.py`, with both spellings where the sample's
 * file and its script differ. A: the sample, where nothing else is said.
 *
 * @example
 * ```ts
 * const plan: ClusterPlan = JSON.parse(await readFile("cluster.json", "utf8"));
 * ```
 */
export interface ClusterPlan {
  /** The vCenter that manages the hosts, if one does. */
  readonly vcenter?: PlannedVcenter | undefined;
  /** The hosts that the nodes run on. */
  readonly hosts: readonly PlannedHost[];
  /** The cluster. */
  readonly cluster: PlannedCluster;
  /** The nodes, in their order: 1, 2, 4, 6 or 8; since Deploy 9.15.1 also 10 and 12. */
  readonly nodes: readonly PlannedNode[];
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The vCenter of a plan. */
export interface PlannedVcenter {
  /** Its name or address. */
  readonly hostname: string;
  /** The user's name. */
  readonly username: string;
  /** The password that belongs to it. */
  readonly password: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A host of a plan. */
export interface PlannedHost {
  /** Its name or address. */
  readonly name: string;
  /** Its hypervisor. */
  readonly type: HypervisorType;
  /** The vCenter that manages it, if one does. */
  readonly mgmt_server?: string | null | undefined;
  /** The user of a host without a vCenter, as the sample's file has it. */
  readonly username?: string | undefined;
  /** The same, as the sample's script reads it. */
  readonly user?: string | undefined;
  /** The password that belongs to it. */
  readonly password?: string | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The cluster of a plan. */
export interface PlannedCluster extends ClusterDescription {
  /** Its name, without a blank, unique on the VM. */
  readonly name: string;
  /** The address of its management interface. */
  readonly ip: string;
  /** The gateway of its management network. */
  readonly gateway: string;
  /** The mask of its management network, such as `255.255.255.0`. */
  readonly netmask: string;
  /** The password that ONTAP's user admin gets. */
  readonly ontap_admin_password: string;
}

/** A node of a plan. */
export interface PlannedNode {
  /** Its name. Default: `<cluster>-01` and so on. */
  readonly name?: string | undefined;
  /** The address of its management interface. */
  readonly ip: string;
  /** The name of one of the plan's hosts. */
  readonly host_name: string;
  /** Its size. */
  readonly instance_type: InstanceType;
  /** Its serial number. */
  readonly serial_number?: string | undefined;
  /** The serial number of its license. With neither of the two it is an evaluation. */
  readonly license?: string | undefined;
  /** Whether storage efficiency is on. */
  readonly is_storage_efficiency_enabled?: boolean | undefined;
  /** Its networks, one for each purpose; `internal` with more than one node only. */
  readonly networks: readonly PlannedNetwork[];
  /** Its storage. */
  readonly storage: PlannedStorage;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A network of a plan's node. */
export interface PlannedNetwork {
  /** What it is for. */
  readonly purpose: NetworkPurpose;
  /** The name of the host's network. A network of a KVM host may have a VLAN in its place. */
  readonly name?: string | undefined;
  /** The VLAN, 0 to 4094; null for none. */
  readonly vlan?: number | null | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The storage of a plan's node. */
export interface PlannedStorage {
  /** Pools of its host. */
  readonly pools: readonly PlannedPool[];
  /** Disks of its host, for software RAID, as the sample's script reads them. */
  readonly disks?: readonly NewDisk[] | undefined;
  /** The same, as the sample's file has them. */
  readonly disk?: readonly NewDisk[] | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A storage pool of a plan. */
export interface PlannedPool {
  /** The name of the host's pool. */
  readonly name: string;
  /**
   * How much of it the node takes, in bytes, or as a text such as `4.8 TB` (10¹² bytes a TB) or `4 TiB` (2⁴⁰); none
   * with software RAID. Deploy itself takes bytes: `createCluster` of `ontap-select-deploy/workflows` converts.
   */
  readonly capacity?: number | string | null | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

// ---- An API of your own ----

/**
 * The description that openapi-typescript makes of a VM's reference, in the form that a client takes.
 *
 * @typeParam Paths The `paths` of the generated file.
 *
 * @example
 * ```ts
 * import type { paths } from "./deploy.js";
 *
 * const deploy = new DeployClient<FromOpenApi<paths>>({ baseUrl, auth });
 * ```
 */
export type FromOpenApi<Paths extends object> = {
  [Path in keyof Paths]: {
    [Method in keyof Paths[Path] as OpenApiMethod<Method, Paths[Path][Method]>]: OpenApiCall<
      NonNullable<Paths[Path][Method]>
    >;
  };
};

/** The method of an operation in upper case; `never` where there is none. */
export type OpenApiMethod<Method, Operation> = [NonNullable<Operation>] extends [never]
  ? never
  : Method extends "get" | "put" | "post" | "delete" | "patch" | "head" | "options"
    ? Uppercase<Method>
    : never;

/** One operation. */
export type OpenApiCall<Operation> = OpenApiBody<Operation> &
  OpenApiQuery<Operation> & {
    /** The body of its response. */
    response: OpenApiResponse<Operation>;
  };

/** The body of an operation, where it has one. */
export type OpenApiBody<Operation> = Operation extends {
  /** As it is described. */
  requestBody: infer Body;
}
  ? {
      /** Its body. */
      body: OpenApiContent<Body>;
    }
  : Operation extends {
        /** As it is described. */
        requestBody?: infer Body;
      }
    ? [NonNullable<Body>] extends [never]
      ? AnyApi
      : {
          /** Its body. */
          body?: OpenApiContent<NonNullable<Body>>;
        }
    : AnyApi;

/** The query of an operation, where it has one. An array is sent as one text, with commas between. */
export type OpenApiQuery<Operation> = Operation extends {
  /** As they are described. */
  parameters: {
    /** As it is described. */
    query?: infer Query;
  };
}
  ? [NonNullable<Query>] extends [never]
    ? AnyApi
    : {
        /** Its query. */
        query: {
          [Name in keyof NonNullable<Query>]: NonNullable<Query>[Name] extends QueryValue
            ? NonNullable<Query>[Name]
            : string | undefined;
        };
      }
  : AnyApi;

/** The bodies of an operation's successes. */
export type OpenApiResponse<Operation> = Operation extends {
  /** By status. */
  responses: infer Responses;
}
  ? {
      [Status in keyof Responses]: `${Status & (string | number)}` extends `2${string}`
        ? OpenApiContent<Responses[Status]>
        : never;
    }[keyof Responses]
  : unknown;

/** JSON as it is described, a form as `FormData`. */
export type OpenApiContent<Part> = Part extends {
  /** By media type. */
  content: infer Content;
}
  ? {
      [Kind in keyof Content]: Kind extends `${string}json${string}`
        ? Content[Kind]
        : Kind extends `multipart/${string}`
          ? FormData
          : unknown;
    }[keyof Content]
  : undefined;
