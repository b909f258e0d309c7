/**
 * Types of the public part of the Deploy REST API, version 3. The module has no code.
 *
 * Each member names its source and its certainty, as in `docs/deploy-api.md`: **A** a page or sample of NetApp; **B**
 * two or more independent programs; **C** one program; **I** inferred. Capacities are in bytes. Every object may have
 * further members of unknown type. In a response, `fields` decides which members are present, so all are optional
 * except `id`.
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

// ---- Responses ----

/** The response to a GET of one object. A: the sample. */
export interface One<Record> {
  /** The object, with the members in `fields`. A: the sample. */
  readonly record: Record;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The response to a GET of a collection. Without a match, it is empty and has status 200. A: the sample. */
export interface Many<Record> {
  /** The number of records. A: the sample. */
  readonly num_records: number;
  /** The records, each with the members in `fields`. A: the sample. */
  readonly records: readonly Record[];
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The response to a call that started a job. A: NetApp's pages, the sample. */
export interface JobStarted {
  /** The accepted job. A: NetApp's pages, the sample. */
  readonly job: JobRecord;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The response to a synchronous call without output: `{}` or `null`. A: the workflow; I: the body. */
export type NoOutput = EmptyObject | null;

/** `{}`. */
export interface EmptyObject {
  /** Absent, which distinguishes it from {@link JobStarted}. */
  readonly job?: never;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A job. Without `fields`, the response has all members. B: public Ansible and PowerShell programs. */
export interface JobRecord {
  /** Opaque id. A: NetApp's pages. */
  readonly id: string;
  /** In lower case. `success` and `failure` are final. A: NetApp's pages, the sample. */
  readonly state?: "queued" | "running" | "success" | "failure" | (string & {});
  /** The current step, or the reason for a failure. A: the sample. */
  readonly message?: string;
  /** The cursor of the last change, an opaque string. A: the sample. */
  readonly last_modified?: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A cluster. */
export interface Cluster {
  /** Opaque id. A: the workflow. */
  readonly id: string;
  /** Its name, unique on the VM. A: the workflow. */
  readonly name?: string;
  /** Other values than these two are not public. A: the sample. */
  readonly state?: "powered_on" | "powered_off" | (string & {});
  /** Whether it has been deployed. C: a public Ansible role. */
  readonly is_deployed?: boolean;
  /** Its nodes. A: the sample. */
  readonly nodes?: readonly ClusterNode[];
  /** The version of its ONTAP image. I: as in the request. */
  readonly ontap_image_version?: string;
  /** The address of its management interface. A: the sample, as a filter. */
  readonly ip?: string;
  /** The gateway of its management network. I: as in the request. */
  readonly gateway?: string;
  /** The mask of its management network, such as `255.255.255.0`. I: as in the request. */
  readonly netmask?: string;
  /** NTP servers. I: as in the request. */
  readonly ntp_servers?: readonly string[];
  /** DNS. I: as in the request. */
  readonly dns_info?: DnsInfo;
  /** The MTU of the internal network, in bytes. I: as in the request. */
  readonly mtu?: number;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The DNS of a cluster. A: the workflow, the sample. */
export interface DnsInfo {
  /** The search domains. A: the workflow, the sample. */
  readonly domains?: readonly string[] | undefined;
  /** The addresses of the DNS servers. A: the workflow, the sample. */
  readonly dns_ips?: readonly string[] | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The size of a node. `xlarge` is C: a public Ansible role; the others A: the workflow, the sample. */
export type InstanceType = "small" | "medium" | "large" | "xlarge" | (string & {});

/** A node of a cluster. */
export interface ClusterNode {
  /** Opaque id. A: the workflow. */
  readonly id: string;
  /** Default: `<cluster>-01`, `<cluster>-02` and so on. A: the workflow. */
  readonly name?: string;
  /** As for a cluster. C: a public Ansible role. */
  readonly state?: "powered_on" | "powered_off" | (string & {});
  /** The host that it runs on; null before one is chosen. I: as in the request. */
  readonly host?: Reference | null;
  /** Its size. I: as in the request. */
  readonly instance_type?: InstanceType;
  /** The address of its management interface. I: as in the request. */
  readonly ip?: string;
  /** Its license, whose id is the serial number; null for none. I: as in the request. */
  readonly license?: Reference | null;
  /** Its serial number; null before it has one. A: the sample. */
  readonly serial_number?: string | null;
  /** Whether it uses disks directly, for software RAID. I: as in the request. */
  readonly passthrough_disks?: boolean;
  /** Whether storage efficiency is on. I: as in the request. */
  readonly is_storage_efficiency_enabled?: boolean;
  /** The reserved share of its processors, in percent. I: as in the request. */
  readonly cpu_reservation_percentage?: number;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A reference to another object. */
export interface Reference {
  /** The id of the object. A: the workflow, the sample. */
  readonly id: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The purpose of a node's network. A: the workflow, the sample. */
export type NetworkPurpose = "mgmt" | "data" | "internal" | (string & {});

/** A network of a node. The order is mgmt, data, internal; a single node has no `internal`. A: the workflow, the sample. */
export interface NodeNetwork {
  /** Opaque id. A: the workflow. */
  readonly id: string;
  /** Its purpose. A: the workflow, the sample. */
  readonly purpose?: NetworkPurpose;
  /** The name of the host's network; null before one is chosen. I: as in the request. */
  readonly name?: string | null;
  /** The VLAN, 0 to 4094; null for none. I: as in the request. */
  readonly vlan_id?: number | null;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A storage pool that is attached to a node. C: a public Ansible role. */
export interface NodePool {
  /** Opaque id. C: a public Ansible role. */
  readonly id: string;
  /** The name of the host's pool. I: as in the request. */
  readonly name?: string;
  /** The node's share of the pool in bytes; null with software RAID. I: as in the request. */
  readonly capacity?: number | null;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A disk that is attached to a node, for software RAID. C: a public Ansible role. */
export interface NodeDisk {
  /** Opaque id. C: a public Ansible role. */
  readonly id: string;
  /** The name of the host's disk. C: a public Ansible role. */
  readonly name?: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The hypervisor of a host. A: the workflow, the sample. */
export type HypervisorType = "ESX" | "KVM" | (string & {});

/** A hypervisor host. Probably readable from the 202 on (I). */
export interface Host {
  /** Opaque id. A: the sample. */
  readonly id: string;
  /** Its name or address. A: the sample. */
  readonly name?: string;
  /** Its hypervisor. I: as in the request. */
  readonly hypervisor_type?: HypervisorType;
  /** The vCenter that manages it; null for none. I: as in the request. */
  readonly management_server?: string | null;
  /** The state of Deploy's login. I: a public Python script, for version 2 of the API. */
  readonly status?: "authentication_in_progress" | "authentication_failed" | (string & {});
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A network of a host. C: a public PowerShell module. */
export interface HostNetwork {
  /** Opaque id. I: every object has one. */
  readonly id?: string;
  /** Its name. C: a public PowerShell module. */
  readonly name?: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A storage pool of a host. C: a public PowerShell module. */
export interface HostPool {
  /** Opaque id. C: a public PowerShell module. */
  readonly id: string;
  /** Its name. C: a public PowerShell module. */
  readonly name?: string;
  /** Free space in bytes. C: a public PowerShell module. */
  readonly available_capacity?: number;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A disk of a host. B: public Ansible roles. */
export interface HostDisk {
  /** Opaque id. I: every object has one. */
  readonly id?: string;
  /** Its name. B: public Ansible roles. */
  readonly name?: string;
  /** Its type. B: public Ansible roles. */
  readonly device_type?: "SSD" | (string & {});
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The kind of server that a credential is for. A: the workflow, the sample. */
export type CredentialType = "vcenter" | "host" | (string & {});

/** A login that Deploy stores. The response never has the password. */
export interface Credential {
  /** Opaque id. A: the workflow. */
  readonly id: string;
  /** The vCenter or host that it is for. A: the sample. */
  readonly hostname?: string;
  /** The user name. B: public Ansible and PowerShell programs, as a filter. */
  readonly username?: string;
  /** The kind of server. I: as in the request. */
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
  /** Opaque id. I: every object has one. */
  readonly id: string;
  /** The absolute address of the file, which needs HTTP Basic; null until the file exists. C: a public playbook. */
  readonly download_url?: string | null;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** An event. It is not public which member holds the request's id. A: NetApp's pages. */
export interface DeployEvent {
  /** Opaque id. A: NetApp's pages. */
  readonly id: string;
  /** Its type. A: NetApp's pages. */
  readonly type?: string;
  /** Its time, such as `2019-04-04T15:41:29.140265Z`. A: NetApp's pages. */
  readonly time?: string;
  /** What happened. A: NetApp's pages. */
  readonly message?: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A mediator for two-node clusters. A: NetApp's pages. */
export interface Mediator {
  /** Opaque id. A: NetApp's pages. */
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

/** The Deploy VM. C: a public PowerShell module. */
export interface DeployVm {
  /** The VM's host name. C: a public PowerShell module. */
  readonly hostname?: string;
  /** The VM's id. C: a public PowerShell module. */
  readonly system_id?: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

// ---- Requests: only these hold secrets ----

/** The body of `POST /security/credentials`. A: the workflow, the sample. */
export interface NewCredential {
  /** The vCenter or host that it is for. A: the workflow, the sample. */
  readonly hostname: string;
  /** The user name. A: the workflow, the sample. */
  readonly username: string;
  /** The password of this user. A: the workflow, the sample. */
  readonly password: string;
  /** The kind of server. A: the workflow, the sample. */
  readonly type: CredentialType;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `POST /hosts`. A: the workflow, the sample. */
export interface NewHosts {
  /** The hosts, also a single one. A: the workflow, the sample. */
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
  /** Its login. Default: the stored one. A: the sample. */
  readonly credential?: Login | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A user and a password. */
export interface Login {
  /** The user name. A: the sample. */
  readonly username: string;
  /** The password of this user. A: the sample. */
  readonly password: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The description of a cluster before its deploy. A: the workflow, the sample. */
export interface ClusterDescription {
  /** The version of its ONTAP image, the id of an {@link OntapImage}. A: the workflow, the sample. */
  readonly ontap_image_version?: string | undefined;
  /** The address of its management interface. A: the workflow, the sample. */
  readonly ip?: string | undefined;
  /** The gateway of its management network. A: the workflow, the sample. */
  readonly gateway?: string | undefined;
  /** The mask of its management network, such as `255.255.255.0`. A: the workflow, the sample. */
  readonly netmask?: string | undefined;
  /** NTP servers. A: the sample. */
  readonly ntp_servers?: readonly string[] | undefined;
  /** DNS. A: the workflow, the sample. */
  readonly dns_info?: DnsInfo | undefined;
  /** The MTU of the internal network, 7500 to 9000 bytes, for more than one node. C: a public Ansible role. */
  readonly mtu?: number | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `POST /clusters`. A: the workflow, the sample. */
export interface NewCluster extends ClusterDescription {
  /** Its name, without spaces, unique on the VM. A: the workflow, the sample. */
  readonly name: string;
}

/** The body of `PATCH /clusters/{id}`: the description before the deploy; `availability` or a resize after it. */
export interface ClusterChange extends ClusterDescription {
  /** Its name, only before the deploy. A: the workflow. */
  readonly name?: string | undefined;
  /** The password of ONTAP's user admin, for a resize. A: the workflow, the sample. */
  readonly admin_password?: string | undefined;
  /** The requested power state, only after the deploy. A: the sample. */
  readonly availability?: "powered_on" | "powered_off" | (string & {}) | undefined;
  /** New sizes of nodes, for whole HA pairs, only after the deploy. A: the sample. */
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
  /** The login for the new cluster. A: the sample. */
  readonly ontap_credential: OntapCredential;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The login of ONTAP's user admin in a new cluster. A: the sample. */
export interface OntapCredential {
  /** The password. A: the workflow, the sample. */
  readonly password: string;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The body of `PATCH …/nodes/{node_id}`, before the deploy. A: the workflow, the sample. */
export interface NodeChange {
  /** Its host. A: the workflow, the sample. */
  readonly host?: Reference | undefined;
  /** Its size. A: the workflow, the sample. */
  readonly instance_type?: InstanceType | undefined;
  /** The address of its management interface. A: the workflow, the sample. */
  readonly ip?: string | undefined;
  /** Whether it uses disks directly, for software RAID. A: the workflow, the sample. */
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
  /** The VLAN, 0 to 4094. A: the sample; as a string C: a public Ansible role. */
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
  /** The node's share in bytes; absent with software RAID. A: the sample. */
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

/** The body of `POST /network/connectivitychecks`. C: a public Ansible role; the CLI pages use the same names. */
export interface ConnectivityCheck {
  /** The depth of the check. `cleanup` removes the rest of an earlier check. C: a public Ansible role. */
  readonly mode: "quick" | "extended" | "cleanup" | (string & {});
  /** The MTU in bytes. C: a public Ansible role. */
  readonly mtu?: number | undefined;
  /** The kind of virtual switch. C: a public Ansible role. */
  readonly vswitch_type?:
    | "StandardvSwitch"
    | "DistributedvSwitch"
    | "OpenvSwitch"
    | (string & {})
    | undefined;
  /** Whether to log more. C: a public Ansible role. */
  readonly debug?: boolean | undefined;
  /** The networks to check. C: a public Ansible role. */
  readonly host_networks: readonly CheckedNetwork[];
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A host's network to check. C: a public Ansible role. */
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

/** The value of a query member. */
export type QueryValue = string | number | boolean | undefined;

/** The query of a GET of one object. */
export interface OneQuery {
  /** The members to return: names separated by commas, `*` for the cheap ones, `**` for all. A: NetApp's pages. */
  readonly fields?: string | undefined;
  /** Not public. */
  readonly [name: string]: QueryValue;
}

/**
 * The query of a GET of a collection. Every member of the records is a filter with NetApp's operators, including nested
 * ones: `{ "nodes.serial_number": "320000001" }`. A: NetApp's pages.
 */
export type ManyQuery<Record> = ListQuery & {
  readonly [Member in keyof Record as string extends Member ? never : Member]?: QueryValue;
};

/** The common query members of a collection. */
export interface ListQuery extends OneQuery {
  /** The order, such as `name asc` or `type desc, id asc`. A: NetApp's pages. */
  readonly order_by?: string | undefined;
  /** The largest number of records. A: NetApp's pages. */
  readonly max_records?: number | undefined;
}

/** The query of `GET /hosts`. */
export type HostsQuery = ManyQuery<Host> & {
  /** Reads from the hypervisor again; not a filter. Default false. B: public Ansible roles. */
  readonly invalidate_cache?: boolean | undefined;
};

/** The query of `GET /jobs/{id}`. */
export interface JobQuery extends OneQuery {
  /** How long the server may wait for a change, 1 to 120 seconds. A: NetApp's pages, the sample. */
  readonly poll_timeout?: number | undefined;
  /** `>=` and the last cursor, for a long poll. A: the sample. */
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
  /** `state` for a power-off. A: the sample. */
  readonly force?: "state" | (string & {}) | boolean | undefined;
  /** Not public. */
  readonly [name: string]: QueryValue;
}

/** The query of `DELETE /clusters/{id}`. */
export interface ClusterDeletionQuery {
  /** Also deletes a cluster that is powered on. C: a public playbook. */
  readonly force?: boolean | undefined;
  /** Not public. */
  readonly [name: string]: QueryValue;
}

/** The query of `POST /clusters/{id}/deploy`. */
export interface DeploymentQuery {
  /** Prevents the rollback after a failure. A: the sample. Default false (I). */
  readonly inhibit_rollback?: boolean | undefined;
  /** Not public. */
  readonly [name: string]: QueryValue;
}

/** The query of `POST …/storage/disks`. */
export interface NewDisksQuery {
  /** Whether to remove the labels of the disks. C: a public Ansible role. */
  readonly remove_disk_labels?: boolean | undefined;
  /** Not public. */
  readonly [name: string]: QueryValue;
}

// ---- Calls ----

/**
 * The public calls: the methods of each path, with `body`, `query` and `response`. A GET by id that no public program
 * uses is I, because every collection has one.
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
  /** The Deploy VM. C: a public PowerShell module. */
  "/deploy": {
    /** Reads it. */
    GET: Get<OneQuery, One<DeployVm>>;
  };
  /** The ONTAP images. B: public Ansible roles. */
  "/images": {
    /** Reads it. */
    GET: Get<ManyQuery<OntapImage>, Many<OntapImage>>;
  };
  /** One image. I. */
  "/images/{id}": {
    /** Reads it. */
    GET: Get<OneQuery, One<OntapImage>>;
  };
  /** The stored logins. A: the workflow, the sample. */
  "/security/credentials": {
    /** Reads it. */
    GET: Get<ManyQuery<Credential>, Many<Credential>>;
    /** Adds or starts it. */
    POST: Change<NewCredential, JobStarted>;
  };
  /** One login. I. */
  "/security/credentials/{id}": {
    /** Reads it. */
    GET: Get<OneQuery, One<Credential>>;
  };
  /** The hosts. A: the workflow, the sample. */
  "/hosts": {
    /** Reads it. */
    GET: Get<HostsQuery, Many<Host>>;
    /** Adds or starts it. */
    POST: Change<NewHosts, JobStarted>;
  };
  /** One host. DELETE is A: NetApp's pages. Its response has no body or a job (C: a public Ansible role). */
  "/hosts/{id}": {
    /** Reads it. */
    GET: Get<OneQuery, One<Host>>;
    /** Deletes it. */
    DELETE: Delete<JobStarted | NoOutput | undefined>;
  };
  /** A host's networks. C: a public PowerShell module. */
  "/hosts/{id}/networks": {
    /** Reads it. */
    GET: Get<ManyQuery<HostNetwork>, Many<HostNetwork>>;
  };
  /** A host's storage pools. C: a public PowerShell module. */
  "/hosts/{id}/storage/pools": {
    /** Reads it. */
    GET: Get<ManyQuery<HostPool>, Many<HostPool>>;
  };
  /** A host's disks. B: public Ansible roles. */
  "/hosts/{id}/storage/disks": {
    /** Reads it. */
    GET: Get<ManyQuery<HostDisk>, Many<HostDisk>>;
  };
  /** The clusters. POST is synchronous, and `location` names the cluster. A: the workflow, the sample. */
  "/clusters": {
    /** Reads it. */
    GET: Get<ManyQuery<Cluster>, Many<Cluster>>;
    /** Adds or starts it. */
    POST: Change<NewCluster, NoOutput, NewClusterQuery>;
  };
  /** One cluster. A: the workflow, the sample. */
  "/clusters/{id}": {
    /** Reads it. */
    GET: Get<OneQuery, One<Cluster>>;
    /** Changes it. */
    PATCH: Change<ClusterChange, JobStarted | NoOutput, ClusterChangeQuery>;
    /** Deletes it. */
    DELETE: Delete<JobStarted | NoOutput, ClusterDeletionQuery>;
  };
  /** Deploys a cluster. A: the workflow, the sample. */
  "/clusters/{id}/deploy": {
    /** Adds or starts it. */
    POST: Change<ClusterDeployment, JobStarted, DeploymentQuery>;
  };
  /** A cluster's nodes. A: the workflow. */
  "/clusters/{id}/nodes": {
    /** Reads it. */
    GET: Get<ManyQuery<ClusterNode>, Many<ClusterNode>>;
  };
  /** One node. PATCH is A: the workflow, the sample; GET is I. */
  "/clusters/{id}/nodes/{node_id}": {
    /** Reads it. */
    GET: Get<OneQuery, One<ClusterNode>>;
    /** Changes it. */
    PATCH: Change<NodeChange, NoOutput>;
  };
  /** A node's networks. A: the workflow, the sample. */
  "/clusters/{id}/nodes/{node_id}/networks": {
    /** Reads it. */
    GET: Get<ManyQuery<NodeNetwork>, Many<NodeNetwork>>;
  };
  /** One network of a node. PATCH is A: the workflow, the sample; GET is I. */
  "/clusters/{id}/nodes/{node_id}/networks/{network_id}": {
    /** Reads it. */
    GET: Get<OneQuery, One<NodeNetwork>>;
    /** Changes it. */
    PATCH: Change<NetworkChange, NoOutput>;
  };
  /** A node's storage pools. POST is A: the sample; GET is C: a public Ansible role. */
  "/clusters/{id}/nodes/{node_id}/storage/pools": {
    /** Reads it. */
    GET: Get<ManyQuery<NodePool>, Many<NodePool>>;
    /** Adds or starts it. */
    POST: Change<NewPools, JobStarted | NoOutput>;
  };
  /** One storage pool of a node. C: a public Ansible role. */
  "/clusters/{id}/nodes/{node_id}/storage/pools/{pool_id}": {
    /** Deletes it. */
    DELETE: Delete<JobStarted | NoOutput>;
  };
  /** A node's disks. POST is A: the sample; GET is C: a public Ansible role. */
  "/clusters/{id}/nodes/{node_id}/storage/disks": {
    /** Reads it. */
    GET: Get<ManyQuery<NodeDisk>, Many<NodeDisk>>;
    /** Adds or starts it. */
    POST: Change<NewDisks, JobStarted | NoOutput, NewDisksQuery>;
  };
  /** One disk of a node. C: a public Ansible role. */
  "/clusters/{id}/nodes/{node_id}/storage/disks/{disk_id}": {
    /** Deletes it. */
    DELETE: Delete<JobStarted | NoOutput>;
  };
  /**
   * The licenses. The body of POST is a form with the part `license_file`, a JSON file from NetApp with
   * `statusResp.serialNumber`. A: the sample.
   */
  "/licensing/licenses": {
    /** Reads it. */
    GET: Get<ManyQuery<License>, Many<License>>;
    /** Adds or starts it. */
    POST: Change<FormData, JobStarted | NoOutput>;
  };
  /**
   * One license. The body of PUT is the same form. If a running node uses the license, the form also needs
   * `ontap_username` and `ontap_password`. A: the sample. GET is I.
   */
  "/licensing/licenses/{id}": {
    /** Reads it. */
    GET: Get<OneQuery, One<License>>;
    /** Replaces it. */
    PUT: Change<FormData, JobStarted | NoOutput>;
  };
  /** Checks the networks between hosts. C: a public Ansible role. */
  "/network/connectivitychecks": {
    /** Adds or starts it. */
    POST: Change<ConnectivityCheck, JobStarted>;
  };
  /** The VM's backups. C: a public playbook; GET is I. */
  "/backups": {
    /** Reads it. */
    GET: Get<ManyQuery<Backup>, Many<Backup>>;
    /** Adds or starts it. */
    POST: Change<NewBackup, JobStarted>;
  };
  /** One backup. C: a public playbook. */
  "/backups/{id}": {
    /** Reads it. */
    GET: Get<OneQuery, One<Backup>>;
    /** Deletes it. */
    DELETE: Delete<JobStarted | NoOutput>;
  };
  /** The events. A: NetApp's pages. */
  "/events": {
    /** Reads it. */
    GET: Get<ManyQuery<DeployEvent>, Many<DeployEvent>>;
  };
  /** One event. I. */
  "/events/{id}": {
    /** Reads it. */
    GET: Get<OneQuery, One<DeployEvent>>;
  };
  /** The mediators. A: NetApp's pages. */
  "/mediators": {
    /** Reads it. */
    GET: Get<ManyQuery<Mediator>, Many<Mediator>>;
  };
  /** One mediator. I. */
  "/mediators/{id}": {
    /** Reads it. */
    GET: Get<OneQuery, One<Mediator>>;
  };
  /** Changes a mediator. The names of the actions are not public. A: NetApp's pages. */
  "/mediators/{id}/{action}": {
    /** Adds or starts it. */
    POST: Change<MediatorChange, JobStarted | NoOutput>;
  };
  /** The jobs. I. */
  "/jobs": {
    /** Reads it. */
    GET: Get<ManyQuery<JobRecord>, Many<JobRecord>>;
  };
  /** One job. To wait for it, use `deploy.job(id)`. A: NetApp's pages, the sample. */
  "/jobs/{id}": {
    /** Reads it. */
    GET: Get<JobQuery, One<JobRecord>>;
  };
}

/** A reading call. */
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

/** A deleting call. */
export interface Delete<Response, Query = AnyQuery> {
  /** Its query. */
  query: Query;
  /** The body of its response. */
  response: Response;
}

/** A query without public members. */
export interface AnyQuery {
  /** Not public. */
  readonly [name: string]: QueryValue;
}

// ---- The plan of a cluster ----

/**
 * A cluster to deploy: the JSON input of NetApp's sample `cluster.py`. If the sample's file and script use different
 * names, both are allowed. A: the sample, unless a member says otherwise.
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
  /** The nodes in order: 1, 2, 4, 6 or 8; since Deploy 9.15.1 also 10 and 12. */
  readonly nodes: readonly PlannedNode[];
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The vCenter of a plan. */
export interface PlannedVcenter {
  /** Its name or address. */
  readonly hostname: string;
  /** The user name. */
  readonly username: string;
  /** The password of this user. */
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
  /** The user of a host without a vCenter; the name in the sample's file. */
  readonly username?: string | undefined;
  /** The same as `username`; the name in the sample's script. */
  readonly user?: string | undefined;
  /** The password of this user. */
  readonly password?: string | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** The cluster of a plan. */
export interface PlannedCluster extends ClusterDescription {
  /** Its name, without spaces, unique on the VM. */
  readonly name: string;
  /** The address of its management interface. */
  readonly ip: string;
  /** The gateway of its management network. */
  readonly gateway: string;
  /** The mask of its management network, such as `255.255.255.0`. */
  readonly netmask: string;
  /** The password for ONTAP's user admin. */
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
  /** The serial number of its license. Without this and `serial_number`, it is an evaluation. */
  readonly license?: string | undefined;
  /** Whether storage efficiency is on. */
  readonly is_storage_efficiency_enabled?: boolean | undefined;
  /** Its networks, one for each purpose; `internal` only with more than one node. */
  readonly networks: readonly PlannedNetwork[];
  /** Its storage. */
  readonly storage: PlannedStorage;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A network of a plan's node. */
export interface PlannedNetwork {
  /** Its purpose. */
  readonly purpose: NetworkPurpose;
  /** The name of the host's network. On a KVM host, the VLAN alone is enough. */
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
  /** Disks of its host, for software RAID; the name in the sample's script. */
  readonly disks?: readonly NewDisk[] | undefined;
  /** The same as `disks`; the name in the sample's file. */
  readonly disk?: readonly NewDisk[] | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

/** A storage pool of a plan. */
export interface PlannedPool {
  /** The name of the host's pool. */
  readonly name: string;
  /**
   * The node's share: bytes, or a string such as `4.8 TB` (1 TB = 10¹² bytes) or `4 TiB` (1 TiB = 2⁴⁰ bytes). Absent
   * with software RAID. `createCluster` converts strings; the Deploy API itself accepts only bytes.
   */
  readonly capacity?: number | string | null | undefined;
  /** Not public. */
  readonly [member: string]: unknown;
}

// ---- Your own API ----

/**
 * Converts the `paths` type of openapi-typescript to the form that a client accepts.
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

/** The method of an operation in upper case; `never` if there is none. */
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

/** The body of an operation, if it has one. */
export type OpenApiBody<Operation> = Operation extends {
  /** Its description. */
  requestBody: infer Body;
}
  ? {
      /** Its body. */
      body: OpenApiContent<Body>;
    }
  : Operation extends {
        /** Its description. */
        requestBody?: infer Body;
      }
    ? [NonNullable<Body>] extends [never]
      ? AnyApi
      : {
          /** Its body. */
          body?: OpenApiContent<NonNullable<Body>>;
        }
    : AnyApi;

/** The query of an operation, if it has one. An array is sent as one string, separated by commas. */
export type OpenApiQuery<Operation> = Operation extends {
  /** Their description. */
  parameters: {
    /** Its description. */
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

/** The bodies of an operation's successful responses. */
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

/** JSON with its described type, or a form as `FormData`. */
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
