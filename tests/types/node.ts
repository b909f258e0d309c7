// The entry for Node: nodeFetch and its options.

import { expectTypeOf } from "expect-type";
import { type ClientOptions, DeployClient } from "ontap-select-deploy";
import {
  certificate,
  type NodeFetch,
  type NodeFetchOptions,
  nodeFetch,
  type ServerCertificate,
  type UploadProgress,
} from "ontap-select-deploy/node";

const own = nodeFetch({ fingerprint256: ["AA"], onUpload: ({ sent, total = 0 }) => sent / total });
expectTypeOf(own).toEqualTypeOf<NodeFetch>();
expectTypeOf(own).toExtend<typeof globalThis.fetch>();
expectTypeOf(own).toExtend<NonNullable<ClientOptions["fetch"]>>();
expectTypeOf(own.close()).toEqualTypeOf<Promise<void>>();
new DeployClient({ baseUrl: "https://deploy.example.com/api", fetch: own });

expectTypeOf<NodeFetchOptions["ca"]>().toEqualTypeOf<
  string | Uint8Array | readonly (string | Uint8Array)[] | undefined
>();
expectTypeOf<NodeFetchOptions["proxy"]>().toEqualTypeOf<string | false | undefined>();
expectTypeOf<UploadProgress["total"]>().toEqualTypeOf<number | undefined>();
// @ts-expect-error an unknown option
nodeFetch({ fingerprint: "AA" });
// @ts-expect-error a proxy is a string or false
nodeFetch({ proxy: true });

expectTypeOf(certificate(new URL("https://x"))).toEqualTypeOf<Promise<ServerCertificate>>();
expectTypeOf<ServerCertificate["names"]>().toEqualTypeOf<readonly string[]>();
expectTypeOf<ServerCertificate["validTo"]>().toEqualTypeOf<Date>();
