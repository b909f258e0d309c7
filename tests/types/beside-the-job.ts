// list, find, read, ensure, until and download.

import { expectTypeOf } from "expect-type";
import {
  type CallOptions,
  type CallResult,
  DeployClient,
  type Download,
  type Ensured,
} from "ontap-select-deploy";
import type { DeployApi } from "ontap-select-deploy/api";

declare const client: DeployClient;
interface Cluster {
  id: string;
  state?: string;
}
type Query = CallOptions["query"];

// The caller chooses the type of a record; by default it is unknown.
expectTypeOf(client.list("/clusters")).toEqualTypeOf<Promise<readonly unknown[]>>();
expectTypeOf(client.list<Cluster>("/clusters")).toEqualTypeOf<Promise<readonly Cluster[]>>();
expectTypeOf(client.find("/clusters", { name: "c" })).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(client.find<Cluster>("/clusters", { name: "c" })).toEqualTypeOf<Promise<Cluster | undefined>>();
expectTypeOf(client.read("/clusters/1")).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(client.read<Cluster>("/clusters/{id}", { params: { id: 1 } })).toEqualTypeOf<Promise<Cluster>>();
expectTypeOf<Parameters<DeployClient["list"]>>().toEqualTypeOf<
  [path: string, options?: CallOptions | undefined]
>();
expectTypeOf<Parameters<DeployClient["find"]>>().toEqualTypeOf<
  [path: string, query: Query, options?: CallOptions | undefined]
>();
expectTypeOf<Parameters<DeployClient["read"]>>().toEqualTypeOf<Parameters<DeployClient["list"]>>();

// ensure: the query of the GETs, the body and the query of the POST.
expectTypeOf(client.ensure("/hosts", { name: "h" }, { hosts: [] })).toEqualTypeOf<
  Promise<Ensured<unknown>>
>();
expectTypeOf(
  client.ensure<Cluster>("/clusters", { name: "c" }, {}, { postQuery: { node_count: 2, x: undefined } }),
).toEqualTypeOf<Promise<Ensured<Cluster>>>();
expectTypeOf<Parameters<DeployClient["ensure"]>>().toEqualTypeOf<
  [path: string, query: Query, body: unknown, options?: (CallOptions & { postQuery?: Query }) | undefined]
>();
expectTypeOf<Ensured<Cluster>>().toEqualTypeOf<{
  readonly record: Cluster;
  readonly created: boolean;
  readonly result?: CallResult;
}>();
expectTypeOf<Ensured>().toEqualTypeOf<Ensured<unknown>>();

// until: its result has the type of the condition's parameter. The condition may be async.
expectTypeOf(client.until("/clusters/1", ({ state }: Cluster) => state === "powered_on")).toEqualTypeOf<
  Promise<Cluster>
>();
expectTypeOf(client.until<Cluster>("/clusters/1", async (it) => it.id === "1")).toEqualTypeOf<
  Promise<Cluster>
>();
expectTypeOf<Parameters<DeployClient["until"]>>().toEqualTypeOf<
  [path: string, when: (record: unknown) => boolean | Promise<boolean>, options?: CallOptions | undefined]
>();

expectTypeOf(client.download("/backups/1/download")).toEqualTypeOf<Promise<Download>>();
expectTypeOf<Parameters<DeployClient["download"]>>().toEqualTypeOf<Parameters<DeployClient["list"]>>();
expectTypeOf<Download>().toEqualTypeOf<{
  readonly status: number;
  readonly body: ReadableStream<Uint8Array>;
  readonly name?: string;
  readonly type?: string;
  readonly size?: number;
}>();

// A typed client has the same calls, also with the caller's type argument.
const typed = new DeployClient<DeployApi>({ baseUrl: "/api" });
expectTypeOf(typed.list<Cluster>("/clusters")).toEqualTypeOf<Promise<readonly Cluster[]>>();
expectTypeOf(typed.ensure<Cluster>("/clusters", { name: "c" }, { name: "c" })).toEqualTypeOf<
  Promise<Ensured<Cluster>>
>();

export function misused(ensured: Ensured<Cluster>, download: Download): void {
  // @ts-expect-error a query holds no objects
  client.find("/clusters", { name: { first: "c" } });
  // @ts-expect-error find needs a query
  client.find("/clusters");
  // @ts-expect-error nor does the query of the POST
  client.ensure("/clusters", {}, {}, { postQuery: { node_count: [2] } });
  // @ts-expect-error a parameter is a string or a number
  client.read("/clusters/{id}", { params: { id: true } });
  // @ts-expect-error until needs a condition
  client.until("/clusters/1");
  // @ts-expect-error the condition returns true or false
  client.until<Cluster>("/clusters/1", ({ state }) => state);
  // @ts-expect-error the condition's parameter has another type
  client.until<Cluster>("/clusters/1", ({ power }) => power);
  // @ts-expect-error the result is optional
  ensured.result.status;
  // @ts-expect-error read-only
  ensured.created = true;
  // @ts-expect-error the size is optional
  download.size.toFixed();
  // @ts-expect-error read-only
  download.name = "a";
}
