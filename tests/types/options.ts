// The options of a client, a call and a wait.

import { expectTypeOf } from "expect-type";
import type {
  AuthContext,
  CallOptions,
  ClientEvent,
  ClientOptions,
  JobSnapshot,
  RequestHeaders,
  RetryOptions,
  WaitOptions,
} from "ontap-select-deploy";

expectTypeOf<WaitOptions>().toEqualTypeOf<{
  signal?: AbortSignal | null;
  timeout?: number;
  onProgress?: (job: JobSnapshot) => void;
}>();

expectTypeOf<CallOptions>().toExtend<WaitOptions>();
expectTypeOf<Omit<CallOptions, keyof WaitOptions>>().toEqualTypeOf<{
  params?: Readonly<Record<string, string | number>>;
  query?: Record<string, string | number | boolean | undefined>;
  headers?: RequestHeaders;
  body?: unknown;
}>();

expectTypeOf<ClientOptions>().toEqualTypeOf<{
  baseUrl: string | URL;
  auth?:
    | { username: string; password: string }
    | { bearer: string }
    | ((context: AuthContext) => string | undefined | Promise<string | undefined>);
  headers?: RequestHeaders | (() => RequestHeaders | Promise<RequestHeaders>);
  fetch?: typeof globalThis.fetch;
  credentials?: "omit" | "same-origin" | "include";
  allowInsecure?: boolean;
  requestTimeout?: number;
  timeout?: number;
  onProgress?: (job: JobSnapshot) => void;
  pollTimeout?: number;
  maxOpenPolls?: number;
  retry?: false | RetryOptions;
  share?: "client" | "origin";
  maxResponseBytes?: number;
  onEvent?: (event: ClientEvent) => void;
}>();

expectTypeOf<AuthContext>().toEqualTypeOf<{
  readonly method: string;
  readonly path: string;
  readonly status?: number;
}>();

expectTypeOf<RetryOptions>().toEqualTypeOf<{
  maxAttempts?: number;
  initialDelay?: number;
  maxDelay?: number;
  maxRetryAfter?: number;
}>();

// Options as inline literals.
const baseUrl = "/api";
export const taken: ClientOptions[] = [
  { baseUrl },
  { baseUrl: new URL("https://deploy.example.com/api") },
  { baseUrl, auth: { username: "admin", password: "p" } },
  { baseUrl, auth: { bearer: "t" } },
  { baseUrl, auth: () => undefined },
  { baseUrl, auth: async ({ status }) => (status === 401 ? "Bearer new" : "Bearer old") },
  { baseUrl, headers: { "x-trace": "1" } },
  { baseUrl, headers: [["x-trace", "1"]] },
  { baseUrl, headers: new Headers() },
  { baseUrl, headers: async () => ({ "x-trace": "1" }) },
  { baseUrl, fetch },
  { baseUrl, fetch: async (input, init) => fetch(input, init) },
  { baseUrl, retry: false, timeout: Number.POSITIVE_INFINITY },
  { baseUrl, retry: {}, share: "origin" },
  { baseUrl, onEvent: ({ type }) => console.log(type) },
];
export const calls: CallOptions[] = [
  { query: { fields: "name", max_records: 5, deep: true, left: undefined }, body: new FormData() },
  { params: { id: "a/b", number: 7 } },
  // Its return value may have any type, including a promise.
  { onProgress: async () => {} },
];

// @ts-expect-error baseUrl is required
export const none: ClientOptions = {};
// @ts-expect-error an unknown kind of credential
export const token: ClientOptions = { baseUrl, auth: { token: "t" } };
// @ts-expect-error a user name without a password
export const half: ClientOptions = { baseUrl, auth: { username: "admin" } };
// @ts-expect-error a misspelt option
export const misspelt: ClientOptions = { baseUrl, timeOut: 1 };
// @ts-expect-error an unknown value of share
export const sharing: ClientOptions = { baseUrl, share: "tabs" };
// @ts-expect-error only false turns retries off
export const retry: ClientOptions = { baseUrl, retry: true };
// @ts-expect-error a query is flat
export const query: CallOptions = { query: { deep: { er: 1 } } };
// @ts-expect-error a parameter needs a value
export const params: CallOptions = { params: { id: undefined } };
