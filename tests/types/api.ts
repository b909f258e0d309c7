// The types of the API, and the client's methods with them.

import { expectTypeOf } from "expect-type";
import {
  type AnyApi,
  type CallOptions,
  type CallResult,
  DeployClient,
  type Ensured,
} from "ontap-select-deploy";
import type {
  Cluster,
  ClusterPlan,
  CollectionPath,
  DeployApi,
  DeployVm,
  FromOpenApi,
  Host,
  HostPool,
  JobStarted,
  Many,
  NewHost,
  NewPool,
  NoOutput,
  One,
  PathWith,
} from "ontap-select-deploy/api";

declare const typed: DeployClient<DeployApi>;
declare const id: string;
const params = { id };

expectTypeOf(new DeployClient<DeployApi>({ baseUrl: "/api" })).toEqualTypeOf<DeployClient<DeployApi>>();
expectTypeOf<DeployClient>().toEqualTypeOf<DeployClient<AnyApi>>();

// The responses, by path.
expectTypeOf(typed.get("/clusters")).toEqualTypeOf<Promise<CallResult<Many<Cluster>>>>();
expectTypeOf(typed.get("/clusters/{id}", { params })).toEqualTypeOf<Promise<CallResult<One<Cluster>>>>();
expectTypeOf(typed.post("/hosts", { hosts: [] })).toEqualTypeOf<Promise<CallResult<JobStarted>>>();
expectTypeOf(typed.post("/clusters", { name: "c1" })).toEqualTypeOf<Promise<CallResult<NoOutput>>>();
expectTypeOf(typed.delete("/clusters/{id}", { params })).toEqualTypeOf<
  Promise<CallResult<JobStarted | NoOutput>>
>();
expectTypeOf(typed.request("GET", "/clusters/{id}", { params })).toEqualTypeOf<
  Promise<CallResult<One<Cluster>>>
>();
export async function reads(): Promise<void> {
  const { body } = await typed.get("/clusters/{id}", { params, query: { fields: "state" } });
  expectTypeOf(body.record.is_deployed).toEqualTypeOf<boolean | undefined>();
  expectTypeOf(body.record.nodes?.[0]?.license?.id).toEqualTypeOf<string | undefined>();
  // Not public, so its type is unknown.
  expectTypeOf(body.record.uuid).toEqualTypeOf<unknown>();
  const { body: changed } = await typed.patch("/clusters/{id}", { availability: "powered_on" }, { params });
  expectTypeOf(changed?.job?.id).toEqualTypeOf<string | undefined>();
}

// The requests, by path.
interface Form {
  name: string;
  hypervisor_type: "ESX" | "KVM";
}
declare const form: Form;
export const taken = [
  typed.get("/hosts", { query: { invalidate_cache: true, name: "esx-*", "a.b": 1, order_by: "name asc" } }),
  typed.get("/clusters/{id}", { params: { id: 7 }, timeout: 1, signal: new AbortController().signal }),
  typed.post("/hosts", { hosts: [{ name: "esx-1", hypervisor_type: "ESX", management_server: undefined }] }),
  typed.post("/hosts", { hosts: [form] }),
  typed.post("/hosts", { hosts: [{ name: "h", hypervisor_type: "Hyper-V", unpublished: 1 }], more: true }),
  typed.post("/clusters", { name: "c1" }, { query: { node_count: 2 } }),
  typed.post("/clusters/{id}/deploy", { ontap_credential: { password: "p" } }, { params }),
  typed.post("/licensing/licenses", new FormData()),
  typed.put("/licensing/licenses/{id}", new FormData(), { params }),
  typed.patch("/clusters/{id}/nodes/{node_id}", { license: { id: "1" } }, { params: { id, node_id: 2 } }),
  typed.delete("/hosts/{id}", { params, headers: { "x-trace": "1" } }),
  typed.request("POST", "/backups", { body: { password: "p" } }),
];
// @ts-expect-error a single host is also an array
typed.post("/hosts", { hosts: form });
// @ts-expect-error a name is a string
typed.post("/clusters", { name: 7 });
// @ts-expect-error a name is required
typed.post("/clusters", { ip: "192.0.2.1" });
// @ts-expect-error a body is required
typed.post("/clusters");
// @ts-expect-error also in nested objects
typed.post("/hosts", { hosts: [{ name: "h", hypervisor_type: "ESX", credential: { username: "u" } }] });
// @ts-expect-error a file is sent in a form
typed.post("/licensing/licenses", { license_file: "" });
// @ts-expect-error the path has a name
typed.get("/clusters/{id}");
// @ts-expect-error another name
typed.get("/clusters/{id}", { params: { cluster_id: id } });
// @ts-expect-error the value is required
typed.get("/clusters/{id}", { params: { id: undefined } });
// @ts-expect-error the path has two names
typed.patch("/clusters/{id}/nodes/{node_id}", {}, { params });
// @ts-expect-error the path has no name
typed.get("/clusters", { params });
// @ts-expect-error a filter is not an object
typed.get("/clusters", { query: { name: {} } });
// @ts-expect-error a number
typed.post("/clusters", { name: "c1" }, { query: { node_count: "two" } });
// @ts-expect-error an option of the call
typed.get("/clusters", { timeout: "1" });
// @ts-expect-error request() also checks the body
typed.request("POST", "/backups", { body: { password: 1 } });
// @ts-expect-error request() also requires the body
typed.request("POST", "/backups");

// list, find, read, ensure and until also have typed paths and results.
expectTypeOf(typed.list("/hosts")).toEqualTypeOf<Promise<readonly Host[]>>();
expectTypeOf(typed.list("/hosts/{id}/storage/pools", { params })).toEqualTypeOf<
  Promise<readonly HostPool[]>
>();
expectTypeOf(typed.find("/clusters", { name: "c1" })).toEqualTypeOf<Promise<Cluster | undefined>>();
expectTypeOf(typed.read("/clusters/{id}", { params })).toEqualTypeOf<Promise<Cluster>>();
expectTypeOf(typed.read("/deploy")).toEqualTypeOf<Promise<DeployVm>>();
expectTypeOf(typed.ensure("/clusters", { name: "c1" }, { name: "c1" })).toEqualTypeOf<
  Promise<Ensured<Cluster>>
>();
expectTypeOf(typed.until("/clusters/{id}", () => true, { params })).toEqualTypeOf<Promise<Cluster>>();
typed.until("/clusters/{id}", (record) => expectTypeOf(record).toEqualTypeOf<Cluster>(), { params });
export const beside = [
  typed.list("/hosts", { query: { invalidate_cache: true, fields: "name" }, timeout: 1 }),
  typed.find("/clusters", { "nodes.serial_number": "1" }, { query: { fields: "state" } }),
  typed.find("/clusters", undefined),
  typed.find("/clusters/{id}/nodes/{node_id}/networks", { purpose: "mgmt" }, { params: { id, node_id: 1 } }),
  typed.read("/clusters/{id}", {
    params: { id: 7 },
    query: { fields: "state" },
    headers: { "x-trace": "1" },
  }),
  typed.ensure("/hosts", { name: "h" }, { hosts: [form] }, { query: { fields: "*" } }),
  typed.ensure("/clusters", { name: "c1" }, { name: "c1" }, { postQuery: { node_count: 2 } }),
  typed.ensure("/licensing/licenses", { id: "1" }, new FormData()),
  typed.until("/clusters/{id}", async ({ state }) => state === "powered_on", { params, timeout: 1 }),
  typed.until("/clusters/{id}", (cluster: { state?: string }) => cluster.state === "powered_on", { params }),
];
// @ts-expect-error the path has a name
typed.list("/hosts/{id}/networks");
// @ts-expect-error a filter is not an object
typed.list("/hosts", { query: { name: {} } });
// @ts-expect-error the path has no name
typed.list("/hosts", { params });
// @ts-expect-error one object has no records
typed.list("/clusters/{id}", { params });
// @ts-expect-error filters belong in the query
typed.find("/clusters");
// @ts-expect-error a filter is not an object
typed.find("/clusters", { name: { first: "c1" } });
// @ts-expect-error nor are those of the options
typed.find("/clusters", { name: "c1" }, { query: { max_records: "one" } });
// @ts-expect-error one object has no records
typed.find("/clusters/{id}", { name: "c1" }, { params });
// @ts-expect-error the path has a name
typed.read("/clusters/{id}");
// @ts-expect-error another one
typed.read("/clusters/{id}", { params: { cluster_id: id } });
// @ts-expect-error a string
typed.read("/clusters/{id}", { params, query: { fields: 1 } });
// @ts-expect-error a collection has no record
typed.read("/clusters");
// @ts-expect-error the hypervisor is required
typed.ensure("/hosts", { name: "h" }, { hosts: [{ name: "h" }] });
// @ts-expect-error the query of the GET
typed.ensure("/clusters", { max_records: "one" }, { name: "c1" });
// @ts-expect-error the query of the POST
typed.ensure("/clusters", { name: "c1" }, { name: "c1" }, { postQuery: { node_count: "two" } });
// @ts-expect-error the path has names
typed.ensure("/clusters/{id}/nodes/{node_id}/storage/pools", { name: "p" }, { pool_array: [] });
// @ts-expect-error ensure needs a collection
typed.ensure("/clusters/{id}", { name: "c1" }, {}, { params });
// @ts-expect-error a condition returns true or false
typed.until("/clusters/{id}", ({ state }) => state, { params });
// @ts-expect-error the record has another type
typed.until("/clusters/{id}", (name: string) => name === "", { params });
// @ts-expect-error the path has a name
typed.until("/clusters/{id}", () => true);

// Any other path is untyped: with filled-in names, without a slash, or not public.
expectTypeOf(typed.get(`/clusters/${id}`)).toEqualTypeOf<Promise<CallResult<unknown>>>();
expectTypeOf(typed.get("/clusters/42")).toEqualTypeOf<Promise<CallResult<unknown>>>();
expectTypeOf(typed.get<Form>("/clusters/42", { query: { a: 1 } })).toEqualTypeOf<Promise<CallResult<Form>>>();
expectTypeOf(typed.get<Form>("/clusters")).toEqualTypeOf<Promise<CallResult<Form>>>();
expectTypeOf(typed.get(id)).toEqualTypeOf<Promise<CallResult<unknown>>>();
expectTypeOf(typed.post<Form>("/unpublished/{x}", { a: 1 }, { params: { x: 1 } })).toEqualTypeOf<
  Promise<CallResult<Form>>
>();
expectTypeOf(typed.request<Form>("GET", "/clusters")).toEqualTypeOf<Promise<CallResult<Form>>>();
expectTypeOf(typed.request("get", "/clusters")).toEqualTypeOf<Promise<CallResult<unknown>>>();
expectTypeOf(typed.list("/unpublished")).toEqualTypeOf<Promise<readonly unknown[]>>();
expectTypeOf(typed.list<Form>("/hosts")).toEqualTypeOf<Promise<readonly Form[]>>();
expectTypeOf(typed.find(id, { a: 1 })).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(typed.find<Form>("/hosts", { a: 1 })).toEqualTypeOf<Promise<Form | undefined>>();
expectTypeOf(typed.read(`/clusters/${id}`)).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(typed.read<Form>("/clusters/{id}", { params })).toEqualTypeOf<Promise<Form>>();
expectTypeOf(typed.ensure("/unpublished", { a: 1 }, { b: 1 }, { postQuery: { c: 1 } })).toEqualTypeOf<
  Promise<Ensured<unknown>>
>();
expectTypeOf(typed.ensure<Form>("/hosts", { a: 1 }, { b: 1 })).toEqualTypeOf<Promise<Ensured<Form>>>();
expectTypeOf(typed.until("/clusters/42", ({ name }: Form) => name === "")).toEqualTypeOf<Promise<Form>>();
expectTypeOf(typed.until<Form>("/clusters/{id}", ({ name }) => name === "", { params })).toEqualTypeOf<
  Promise<Form>
>();
typed.submit("POST", "/clusters/{id}/deploy", { params, body: {} });
typed.submit("POST", `/clusters/${id}/deploy`);

// The caller's type argument is used, as without types.
export const expected = (client: DeployClient): Promise<CallResult<Form>> => client.get("/clusters/42");
export const expectedToo = (): Promise<CallResult<Form>> => typed.get("/clusters/42");
export const read = (client: DeployClient): Promise<Form> => client.read("/clusters/42");
export const readToo = (): Promise<Form> => typed.read("/clusters/42");
export const wrapped = <T>(path: string, options?: CallOptions): Promise<CallResult<T>> =>
  typed.get<T>(path, options);

// A helper for any client accepts a typed one.
export const helper = (client: DeployClient): Promise<unknown> => client.get("/clusters");
helper(typed);

// A plan, with both names, also from JSON.
const json = {
  hosts: [{ name: "h", type: "ESX", user: "root", username: "root", password: "p" }],
  cluster: { name: "c", ip: "1", gateway: "1", netmask: "1", ontap_admin_password: "p", ntp_servers: [""] },
  nodes: [
    {
      ip: "1",
      host_name: "h",
      instance_type: "small",
      networks: [
        { name: "n", purpose: "mgmt", vlan: null },
        { name: "n", purpose: "data", vlan: 10 },
      ],
      storage: { pools: [{ name: "p", capacity: 1 }], disk: [{ name: "d" }], disks: [{ name: "d" }] },
    },
  ],
};
export const plan: ClusterPlan = json;
export const more: ClusterPlan = { ...json, comment: "mine" };
// @ts-expect-error a cluster is required
export const none: ClusterPlan = { hosts: [], nodes: [] };
export const text: ClusterPlan["nodes"][number]["storage"] = { pools: [{ name: "p", capacity: "1 TB" }] };
// @ts-expect-error a capacity is a number of bytes or a string
export const flag: ClusterPlan["nodes"][number]["storage"] = { pools: [{ name: "p", capacity: true }] };
// @ts-expect-error the Deploy API accepts only bytes
export const bytes: NewPool = { name: "p", capacity: "1 TB" };
export const host: NewHost = { name: "h", hypervisor_type: "KVM", unpublished: {} };

// The output of openapi-typescript works as a description.
interface paths {
  "/clusters": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get: {
      parameters: { query: { fields: string; ids?: string[] }; path?: never };
      requestBody?: never;
      responses: {
        200: { headers: object; content: { "application/json": { records: { name: string }[] } } };
        404: { headers: object; content: { "application/json": { error: string } } };
      };
    };
    put?: never;
    post: {
      parameters: { query?: { node_count?: number }; path?: never };
      requestBody: { content: { "application/json": { name: string } } };
      responses: { 201: { headers: object; content?: never } };
    };
  };
  "/clusters/{cluster_id}": {
    get: {
      parameters: { query?: never; path: { cluster_id: string } };
      responses: { 200: { content: { "application/json": { record?: { name: string } } } } };
    };
    patch: {
      parameters: { query?: never; path: { cluster_id: string } };
      requestBody?: { content: { "application/json": { ip?: string } } };
      responses: { 200: { content?: never }; 202: { content: { "application/json": { job: string } } } };
    };
    delete: { responses: { 204: { content?: never } } };
  };
  "/files": {
    get: {
      parameters: { query?: { name?: string } };
      responses: { 200: { content: { "application/json": { records?: { size: number }[] } } }; 204: object };
    };
    post: { requestBody: { content: { "multipart/form-data": { file: string } } }; responses: object };
  };
}
type Own = FromOpenApi<paths>;
declare const own: DeployClient<Own>;
expectTypeOf<PathWith<Own, "POST">>().toEqualTypeOf<"/clusters" | "/files">();
expectTypeOf<PathWith<Own, "PUT">>().toEqualTypeOf<never>();
expectTypeOf(own.get("/clusters", { query: { fields: "*", ids: "1,2" } })).toEqualTypeOf<
  Promise<CallResult<{ records: { name: string }[] }>>
>();
expectTypeOf(own.post("/clusters", { name: "c1" }, { query: { node_count: 1 } })).toEqualTypeOf<
  Promise<CallResult<undefined>>
>();
const named = { params: { cluster_id: id } };
expectTypeOf(own.patch("/clusters/{cluster_id}", { ip: "192.0.2.1" }, named)).toEqualTypeOf<
  Promise<CallResult<{ job: string } | undefined>>
>();
own.patch("/clusters/{cluster_id}", undefined, named);
own.delete("/clusters/{cluster_id}", named);
own.post("/files", new FormData());
expectTypeOf<CollectionPath<Own>>().toEqualTypeOf<"/clusters" | "/files">();
expectTypeOf(own.list("/clusters", { query: { fields: "name" } })).toEqualTypeOf<
  Promise<readonly { name: string }[]>
>();
expectTypeOf(own.list("/files")).toEqualTypeOf<Promise<readonly { size: number }[]>>();
expectTypeOf(own.read("/clusters/{cluster_id}", named)).toEqualTypeOf<Promise<{ name: string }>>();
// A required query member may be in the filters or in the options.
own.find("/clusters", { fields: "name" });
own.find("/clusters", { ids: "1" }, { query: { fields: "name" } });
own.ensure("/files", { name: "f" }, new FormData());
// @ts-expect-error a query is required
own.list("/clusters");
// @ts-expect-error a member of the body has another type
own.ensure("/clusters", { ids: "1" }, { name: 1 });
// @ts-expect-error a query is required
own.get("/clusters");
// @ts-expect-error a member of the body has another type
own.post("/clusters", { name: 1 });
// @ts-expect-error the body has no such member
own.post("/clusters", { name: "c1", nodes: 1 });
// @ts-expect-error the path has a name
own.delete("/clusters/{cluster_id}");
