// The methods of a client.

import { expectTypeOf } from "expect-type";
import {
  type CallOptions,
  type CallResult,
  type ClientOptions,
  type ClientStats,
  DeployClient,
  type JobHandle,
} from "ontap-select-deploy";

declare const client: DeployClient;
interface Cluster {
  name: string;
}

expectTypeOf(DeployClient).toBeConstructibleWith({ baseUrl: "/api" });
expectTypeOf<ConstructorParameters<typeof DeployClient>>().toEqualTypeOf<[options: ClientOptions]>();
// @ts-expect-error options are required
new DeployClient();

// The caller chooses the type of a body; by default it is unknown.
expectTypeOf(client.request("GET", "/clusters")).toEqualTypeOf<Promise<CallResult<unknown>>>();
expectTypeOf(client.request<Cluster>("GET", "/clusters/1")).toEqualTypeOf<Promise<CallResult<Cluster>>>();
expectTypeOf<Parameters<DeployClient["request"]>>().toEqualTypeOf<
  [method: string, path: string, options?: CallOptions | undefined]
>();

expectTypeOf(client.get("/clusters")).toEqualTypeOf<Promise<CallResult<unknown>>>();
expectTypeOf(client.get<Cluster>("/clusters/1")).toEqualTypeOf<Promise<CallResult<Cluster>>>();
expectTypeOf(client.delete("/clusters/1")).toEqualTypeOf<Promise<CallResult<unknown>>>();
expectTypeOf(client.delete<Cluster>("/clusters/1")).toEqualTypeOf<Promise<CallResult<Cluster>>>();
expectTypeOf<Parameters<DeployClient["get"]>>().toEqualTypeOf<
  [path: string, options?: CallOptions | undefined]
>();
expectTypeOf<Parameters<DeployClient["delete"]>>().toEqualTypeOf<
  [path: string, options?: CallOptions | undefined]
>();

expectTypeOf(client.post("/clusters")).toEqualTypeOf<Promise<CallResult<unknown>>>();
expectTypeOf(client.post<Cluster>("/clusters", { name: "c1" })).toEqualTypeOf<Promise<CallResult<Cluster>>>();
expectTypeOf(client.put("/clusters/1")).toEqualTypeOf<Promise<CallResult<unknown>>>();
expectTypeOf(client.put<Cluster>("/clusters/1", {})).toEqualTypeOf<Promise<CallResult<Cluster>>>();
expectTypeOf(client.patch("/clusters/1")).toEqualTypeOf<Promise<CallResult<unknown>>>();
expectTypeOf(client.patch<Cluster>("/clusters/1", {})).toEqualTypeOf<Promise<CallResult<Cluster>>>();
type WithBody = [path: string, body?: unknown, options?: CallOptions | undefined];
expectTypeOf<Parameters<DeployClient["post"]>>().toEqualTypeOf<WithBody>();
expectTypeOf<Parameters<DeployClient["put"]>>().toEqualTypeOf<WithBody>();
expectTypeOf<Parameters<DeployClient["patch"]>>().toEqualTypeOf<WithBody>();

expectTypeOf<DeployClient["submit"]>().toEqualTypeOf<
  (method: string, path: string, options?: CallOptions) => Promise<JobHandle>
>();
expectTypeOf<DeployClient["job"]>().toEqualTypeOf<(id: string) => JobHandle>();
expectTypeOf<DeployClient["resume"]>().toEqualTypeOf<(token: string) => JobHandle>();

expectTypeOf<Pick<DeployClient, "stats">>().toEqualTypeOf<{ readonly stats: Readonly<ClientStats> }>();
expectTypeOf<DeployClient["close"]>().toEqualTypeOf<() => void>();
expectTypeOf<DeployClient[typeof Symbol.dispose]>().toEqualTypeOf<() => void>();
export function block(): void {
  using shortLived = new DeployClient({ baseUrl: "/api" });
  shortLived.close();
}
