// Of `Symbol.dispose`, for projects whose own `lib` is older.
/// <reference lib="esnext.disposable" preserve="true" />

import type { Client as EngineClient, Job as EngineJob } from "../../target/embed/glue.js";
import { type Binding, instance } from "./instance.js";
import { JobHandle, type JobRef } from "./job-handle.js";
import {
  type CallSettings,
  type ClientSettings,
  readCall,
  readClientOptions,
  readString,
} from "./options.js";
import type {
  AnyApi,
  BodyArguments,
  MethodOf,
  OperationOf,
  PathWith,
  PlainArguments,
  RequestArguments,
  ResponseOf,
  Suggested,
  Undescribed,
} from "./typed-calls.js";
import type { CallOptions, CallResult, ClientOptions, ClientStats } from "./types.js";

/**
 * Calls the ONTAP Select Deploy REST API and follows its jobs.
 *
 * @typeParam Api What the paths take and give: `DeployApi` of `ontap-select-deploy/api`, or a description of your
 * own. Each method then has two forms: one for the paths that are described, whose bodies, queries and `params` are
 * checked and whose responses have types, and one for all others. Nothing is checked at run time. Default: nothing
 * is described.
 *
 * @example
 * ```ts
 * const deploy = new DeployClient({ baseUrl: "/api", auth: { username: "admin", password } });
 * const { job } = await deploy.post("/clusters/42/deploy", { ontap_credential: { password: clusterPassword } });
 * ```
 */
export class DeployClient<Api extends object = AnyApi> {
  /**
   * A minifier renames the class, and a debugger shows it. Not in a static block, which would keep the class in
   * every bundle.
   *
   * @internal
   */
  static readonly name = "DeployClient";

  readonly #settings: ClientSettings;
  #current: Binding;
  #closed = false;
  /** For handles: one function for all of them. */
  readonly #binding = () => this.#use();

  /**
   * Checks the options; does no I/O. Works where there is no `window`: workers, server-side rendering, Node.
   *
   * @throws TypeError or RangeError that names the option.
   *
   * @example
   * ```ts
   * const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD ?? "" };
   * const deploy = new DeployClient({ baseUrl: "https://deploy.example.com/api", auth, timeout: 3_600_000 });
   * ```
   */
  constructor(options: ClientOptions) {
    // First: what is read of the options may need what only WebAssembly brings, as Node's `fetch` does.
    const engine = instance();
    this.#settings = readClientOptions(options);
    this.#current = engine.client(this.#settings);
  }

  /**
   * The same on a path that the client's API describes.
   *
   * @throws As below.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * await typed.request("POST", "/backups", { body: { password } });
   * ```
   */
  request<Method extends MethodOf<Api>, Path extends PathWith<Api, Method>>(
    method: Method,
    path: Path,
    ...rest: RequestArguments<Api, Method, Path>
  ): Promise<CallResult<ResponseOf<OperationOf<Api, Method, Path>>>>;
  /**
   * Sends one request and settles when its work has finished: at once for a synchronous response; when the
   * response names a job, once the job reaches `success` (resolves) or `failure` (rejects with
   * {@link JobFailedError}). Each response tells which of the two it is.
   *
   * `path` is below the base, leading slash or not; a query in it is kept. Absolute and scheme-relative
   * addresses, backslashes, dot segments in any encoding and fragments are refused with TypeError.
   *
   * A request that changes something is sent once and not retried, except after a 401, which means that the
   * server did not process it.
   *
   * @typeParam T The expected type of the first response's JSON. It is not checked.
   *
   * @throws TypeError or RangeError for bad arguments; {@link JobFailedError}, {@link WaitTimeoutError},
   * {@link JobGoneError}, {@link NotTrackableError}, {@link HttpError}, {@link AuthError},
   * {@link ProtocolError}, {@link TransportError}, {@link ClosedError}; `signal.reason`.
   *
   * @example
   * ```ts
   * const { body } = await deploy.request("GET", "/clusters", { query: { fields: "name,state" } });
   * ```
   */
  request<T = unknown, Method extends string = string, Path extends string = string>(
    method: Method,
    path: Path & Undescribed<Api, Method, Path>,
    options?: CallOptions,
  ): Promise<CallResult<T>>;
  request(method: string, path: string, options?: unknown): Promise<CallResult<unknown>> {
    return this.#request(method, path, options);
  }

  /**
   * `request("GET", …)` on a path that the client's API describes.
   *
   * @throws As {@link DeployClient.request}.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * const { body } = await typed.get("/clusters", { query: { fields: "name,state" } });
   * ```
   */
  get<Path extends PathWith<Api, "GET">>(
    path: Path,
    ...rest: PlainArguments<Api, "GET", Path>
  ): Promise<CallResult<ResponseOf<OperationOf<Api, "GET", Path>>>>;
  /**
   * `request("GET", …)`. Temporary failures are retried.
   *
   * @typeParam T As of {@link DeployClient.request}.
   *
   * @throws As {@link DeployClient.request}.
   *
   * @example
   * ```ts
   * const { body } = await deploy.get<{ records: { name: string }[] }>("/clusters", { query: { fields: "name" } });
   * ```
   */
  get<T = unknown, Path extends string = string>(
    path: Path & Undescribed<Api, "GET", Path>,
    options?: CallOptions,
  ): Promise<CallResult<T>>;
  get(path: string, options?: unknown): Promise<CallResult<unknown>> {
    return this.#request("GET", path, options);
  }

  /**
   * `request("POST", …)` on a path that the client's API describes.
   *
   * @throws As {@link DeployClient.request}.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * const { job } = await typed.post("/hosts", { hosts: [{ name, hypervisor_type: "ESX" }] });
   * ```
   */
  post<Path extends PathWith<Api, "POST">>(
    path: Path,
    ...rest: BodyArguments<Api, "POST", Path>
  ): Promise<CallResult<ResponseOf<OperationOf<Api, "POST", Path>>>>;
  /**
   * `request("POST", …)` with a body. `body` wins over `options.body`.
   *
   * @typeParam T As of {@link DeployClient.request}.
   *
   * @throws As {@link DeployClient.request}.
   *
   * @example
   * ```ts
   * const hosts = [{ name: "esx-1.example.com", hypervisor_type: "ESX", management_server: "vcenter.example.com" }];
   * const { job, location } = await deploy.post("/hosts", { hosts }, { timeout: 600_000 });
   * ```
   */
  post<T = unknown, Path extends string = string>(
    path: Path & Undescribed<Api, "POST", Path>,
    body?: unknown,
    options?: CallOptions,
  ): Promise<CallResult<T>>;
  post(path: string, ...[body, options]: unknown[]): Promise<CallResult<unknown>> {
    return this.#request("POST", path, options, body);
  }

  /**
   * `request("PUT", …)` on a path that the client's API describes.
   *
   * @throws As {@link DeployClient.request}.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * await typed.put("/licensing/licenses/{id}", form, { params: { id: "320000001" } });
   * ```
   */
  put<Path extends PathWith<Api, "PUT">>(
    path: Path,
    ...rest: BodyArguments<Api, "PUT", Path>
  ): Promise<CallResult<ResponseOf<OperationOf<Api, "PUT", Path>>>>;
  /**
   * `request("PUT", …)` with a body.
   *
   * @typeParam T As of {@link DeployClient.request}.
   *
   * @throws As {@link DeployClient.request}.
   *
   * @example
   * ```ts
   * const form = new FormData();
   * form.set("license_file", file);
   * await deploy.put("/licensing/licenses/320000001", form);
   * ```
   */
  put<T = unknown, Path extends string = string>(
    path: Path & Undescribed<Api, "PUT", Path>,
    body?: unknown,
    options?: CallOptions,
  ): Promise<CallResult<T>>;
  put(path: string, ...[body, options]: unknown[]): Promise<CallResult<unknown>> {
    return this.#request("PUT", path, options, body);
  }

  /**
   * `request("PATCH", …)` on a path that the client's API describes.
   *
   * @throws As {@link DeployClient.request}.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * await typed.patch("/clusters/{id}", { availability: "powered_off" }, { params: { id } });
   * ```
   */
  patch<Path extends PathWith<Api, "PATCH">>(
    path: Path,
    ...rest: BodyArguments<Api, "PATCH", Path>
  ): Promise<CallResult<ResponseOf<OperationOf<Api, "PATCH", Path>>>>;
  /**
   * `request("PATCH", …)` with a body.
   *
   * @typeParam T As of {@link DeployClient.request}.
   *
   * @throws As {@link DeployClient.request}.
   *
   * @example
   * ```ts
   * await deploy.patch("/clusters/42", { ip: "192.0.2.7" });
   * ```
   */
  patch<T = unknown, Path extends string = string>(
    path: Path & Undescribed<Api, "PATCH", Path>,
    body?: unknown,
    options?: CallOptions,
  ): Promise<CallResult<T>>;
  patch(path: string, ...[body, options]: unknown[]): Promise<CallResult<unknown>> {
    return this.#request("PATCH", path, options, body);
  }

  /**
   * `request("DELETE", …)` on a path that the client's API describes.
   *
   * @throws As {@link DeployClient.request}.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * await typed.delete("/clusters/{id}", { params: { id } });
   * ```
   */
  delete<Path extends PathWith<Api, "DELETE">>(
    path: Path,
    ...rest: PlainArguments<Api, "DELETE", Path>
  ): Promise<CallResult<ResponseOf<OperationOf<Api, "DELETE", Path>>>>;
  /**
   * `request("DELETE", …)`.
   *
   * @typeParam T As of {@link DeployClient.request}.
   *
   * @throws As {@link DeployClient.request}.
   *
   * @example
   * ```ts
   * await deploy.delete("/clusters/42", { signal, onProgress: (job) => show(job.message) });
   * ```
   */
  delete<T = unknown, Path extends string = string>(
    path: Path & Undescribed<Api, "DELETE", Path>,
    options?: CallOptions,
  ): Promise<CallResult<T>>;
  delete(path: string, options?: unknown): Promise<CallResult<unknown>> {
    return this.#request("DELETE", path, options);
  }

  /**
   * Sends one request and resolves as soon as the server accepts it, with a handle on its job. `timeout` and
   * `signal` apply to the acceptance only, and `onProgress` gets the job as it was accepted. A synchronous
   * response gives a handle without `id`: its `result()` resolves with `{ id: "", state: "success", raw: {} }`,
   * its `poll()` rejects with {@link NotTrackableError}; the response itself is in `response`.
   *
   * The client's API says which methods and paths an editor offers here; it checks nothing.
   *
   * @throws As {@link DeployClient.request}, except for the job's own outcome.
   *
   * @example
   * ```ts
   * const handle = await deploy.submit("POST", "/clusters/42/deploy", { body });
   * sessionStorage.setItem("job", handle.serialize());
   * await handle.result();
   * ```
   */
  async submit(
    method: Suggested<MethodOf<Api>>,
    path: Suggested<keyof Api & string>,
    options?: CallOptions,
  ): Promise<JobHandle> {
    const call = readCall(this.#settings, method, path, options);
    const binding = this.#use();
    const [response, id] = await binding.waiters.wait<[CallResult, string | undefined]>(binding, call, () =>
      issue(binding.client, call, false),
    );
    const job = id === undefined ? undefined : this.#jobRef(id, binding, binding.client.acceptedJob(id));
    return this.#handle(id, response, job);
  }

  /**
   * A handle on a job that exists already. It does no I/O until it is used.
   *
   * @throws TypeError for an id that is empty, `.`, `..` or longer than 512 characters.
   *
   * @example
   * ```ts
   * const { state, message } = await deploy.job("9d1f0c2e").poll();
   * ```
   */
  job(id: string): JobHandle {
    readString(id, "id", "a job's id, as a string");
    const binding = this.#use();
    return this.#handle(id, undefined, this.#jobRef(id, binding, binding.client.job(id)));
  }

  /**
   * A handle from a token of {@link JobHandle.serialize} or {@link WaitTimeoutError.token}, made in this process
   * or in another. It does no I/O until it is used; then the wait continues where it stopped.
   *
   * @throws {@link BadTokenError} for a token that is damaged (it has a checksum), of another version, or
   * of another server than `baseUrl`; TypeError if it is no string.
   *
   * @example
   * ```ts
   * const token = sessionStorage.getItem("job");
   * if (token) await deploy.resume(token).result();
   * ```
   */
  resume(token: string): JobHandle {
    readString(token, "token", "a token, as a string");
    const binding = this.#use();
    const job = binding.client.resume(token);
    const { id } = job;
    return this.#handle(id, undefined, this.#jobRef(id, binding, job));
  }

  /**
   * Counts over this client's life: a frozen copy each time.
   *
   * @example
   * ```ts
   * const { polls, emptyPolls } = deploy.stats;
   * ```
   */
  get stats(): Readonly<ClientStats> {
    return Object.freeze(this.#use().client.stats);
  }

  /**
   * Ends every wait with {@link ClosedError}, aborts every request, clears every timer, lock and channel.
   * Jobs on the server go on. Afterwards every call and wait rejects with {@link ClosedError}, except a wait for
   * a job whose end is already known.
   *
   * @example
   * ```ts
   * process.once("SIGTERM", () => deploy.close());
   * ```
   */
  close(): void {
    this.#closed = true;
    this.#use().client.close();
  }

  /**
   * The same as {@link DeployClient.close}, at the end of a block.
   *
   * @example
   * ```ts
   * using deploy = new DeployClient({ baseUrl: "/api" });
   * ```
   */
  [Symbol.dispose](): void {
    this.close();
  }

  // No async function: its frame would keep the body alive for as long as the job takes.
  #request<T>(method: string, path: string, options: unknown, body?: unknown): Promise<CallResult<T>> {
    try {
      const call = readCall(this.#settings, method, path, options, body);
      const binding = this.#use();
      return binding.waiters.wait(binding, call, () => issue(binding.client, call, true));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The client inside the wasm; a new one where its instance has died. */
  #use(): Binding {
    if (this.#current.instance.dead) {
      this.#current = instance().client(this.#settings);
      if (this.#closed) this.#current.client.close();
    }
    return this.#current;
  }

  #handle(id: string | undefined, response: CallResult | undefined, job: JobRef | undefined): JobHandle {
    return JobHandle.of({ id, response, job, binding: this.#binding });
  }

  #jobRef(id: string, binding: Binding, job: EngineJob): JobRef {
    let current = { ...binding, job };
    return () => {
      if (current.instance.dead) {
        const renewed = this.#use();
        current = { ...renewed, job: renewed.client.job(id) };
      }
      return current;
    };
  }
}

function issue(client: EngineClient, call: CallSettings, follow: boolean): number {
  const { method, path, query, headers, body, contentType, timeout, onProgress } = call;
  return client.call(
    method,
    path,
    query,
    headers,
    body,
    contentType,
    timeout,
    onProgress !== undefined,
    follow,
  );
}
