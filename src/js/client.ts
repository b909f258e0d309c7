// The type of `Symbol.dispose`, for projects with an older `lib`.
/// <reference lib="esnext.disposable" preserve="true" />

import type { Client as EngineClient, Job as EngineJob } from "../../target/embed/glue.js";
import { now } from "./clock.js";
import { FileRequest, failure } from "./download.js";
import { DeployError, HttpError, JobFailedError } from "./errors.js";
import { type Binding, instance } from "./instance.js";
import { JobHandle, type JobRef } from "./job-handle.js";
import {
  type CallArguments,
  type CallSettings,
  type ClientSettings,
  type Goal,
  readCall,
  readClientOptions,
  readString,
  wrongType,
} from "./options.js";
import type {
  AnyApi,
  BodyArguments,
  CollectionPath,
  EnsureArguments,
  FindArguments,
  GrowingPath,
  Listed,
  MethodOf,
  ObjectPath,
  OperationOf,
  PathWith,
  PlainArguments,
  Read,
  RequestArguments,
  ResponseOf,
  SearchOf,
  Suggested,
  Undescribed,
  Unensured,
  Unlisted,
  Unread,
} from "./typed-calls.js";
import type { CallOptions, CallResult, ClientOptions, ClientStats, Download, Ensured } from "./types.js";
import type { Condition } from "./waiters.js";

/**
 * A client for the ONTAP Select Deploy REST API that waits for asynchronous jobs.
 *
 * @typeParam Api Types of the paths: `DeployApi` from `ontap-select-deploy/api`, or your own description. Each method
 * has two overloads. The first one takes the described paths and checks bodies, queries and `params`; the second one
 * takes any other path. The types have no effect at run time. Default: no path is described.
 *
 * @example
 * ```ts
 * const deploy = new DeployClient({ baseUrl: "/api", auth: { username: "admin", password } });
 * const { job } = await deploy.post("/clusters/42/deploy", { ontap_credential: { password: clusterPassword } });
 * ```
 */
export class DeployClient<Api extends object = AnyApi> {
  /**
   * Keeps the name in minified code, for debuggers. A static block would keep the class in every bundle.
   *
   * @internal
   */
  static readonly name = "DeployClient";

  readonly #settings: ClientSettings;
  #current: Binding;
  #closed = false;
  /** One function, which all handles share. */
  readonly #binding = () => this.#use();

  /**
   * Checks the options and does no I/O. Works without a `window`: in workers, in server-side rendering and in Node.
   *
   * @throws TypeError or RangeError that names the option; {@link DeployError} with code `UNSUPPORTED` if the runtime
   * cannot run WebAssembly.
   *
   * @example
   * ```ts
   * const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD ?? "" };
   * const deploy = new DeployClient({ baseUrl: "https://deploy.example.com/api", auth, timeout: 3_600_000 });
   * ```
   */
  constructor(options: ClientOptions) {
    // First, because reading the options may need WebAssembly: Node's `fetch` does.
    const engine = instance();
    this.#settings = readClientOptions(options);
    this.#current = engine.client(this.#settings);
  }

  /**
   * The typed form, for a path that `Api` describes.
   *
   * @throws The same errors as the untyped form.
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
   * Sends one request and settles when its work has finished. A synchronous response settles at once. If the response
   * names a job, the promise resolves when the job reaches `success` and rejects with {@link JobFailedError} when it
   * reaches `failure`.
   *
   * `path` is relative to `baseUrl`, with or without a leading slash, and may have a query. Absolute addresses outside
   * `baseUrl`, scheme-relative addresses, backslashes, dot segments in any encoding and fragments throw TypeError.
   *
   * The client sends a mutating request once and does not retry it, except after a 401, which means that the server
   * did not process it.
   *
   * @typeParam T The expected type of the first response's JSON. The client does not check it.
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
   * `request("GET", …)` on a path that `Api` describes.
   *
   * @throws The errors of {@link DeployClient.request}.
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
   * `request("GET", …)`. The client retries temporary failures.
   *
   * @typeParam T As in {@link DeployClient.request}.
   *
   * @throws The errors of {@link DeployClient.request}.
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
   * `request("POST", …)` on a path that `Api` describes.
   *
   * @throws The errors of {@link DeployClient.request}.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * const { job } = await typed.post("/hosts", { hosts: [{ name, hypervisor_type: "ESX", credential }] });
   * ```
   */
  post<Path extends PathWith<Api, "POST">>(
    path: Path,
    ...rest: BodyArguments<Api, "POST", Path>
  ): Promise<CallResult<ResponseOf<OperationOf<Api, "POST", Path>>>>;
  /**
   * `request("POST", …)` with a body. `body` takes precedence over `options.body`.
   *
   * @typeParam T As in {@link DeployClient.request}.
   *
   * @throws The errors of {@link DeployClient.request}.
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
    return this.#request("POST", path, options, { body });
  }

  /**
   * `request("PUT", …)` on a path that `Api` describes.
   *
   * @throws The errors of {@link DeployClient.request}.
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
   * @typeParam T As in {@link DeployClient.request}.
   *
   * @throws The errors of {@link DeployClient.request}.
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
    return this.#request("PUT", path, options, { body });
  }

  /**
   * `request("PATCH", …)` on a path that `Api` describes.
   *
   * @throws The errors of {@link DeployClient.request}.
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
   * @typeParam T As in {@link DeployClient.request}.
   *
   * @throws The errors of {@link DeployClient.request}.
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
    return this.#request("PATCH", path, options, { body });
  }

  /**
   * `request("DELETE", …)` on a path that `Api` describes.
   *
   * @throws The errors of {@link DeployClient.request}.
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
   * @typeParam T As in {@link DeployClient.request}.
   *
   * @throws The errors of {@link DeployClient.request}.
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
   * Sends one request and resolves with a job handle as soon as the server accepts it. `timeout` and `signal` apply
   * until then, and `onProgress` gets the accepted job. After a synchronous response the handle has no `id`. Its
   * `result()` resolves with `{ id: "", state: "success", raw: {} }`, its `poll()` rejects with
   * {@link NotTrackableError}, and its `response` holds the response.
   *
   * `Api` only decides which methods and paths an editor suggests.
   *
   * @throws The errors of {@link DeployClient.request}, except the job's own failure.
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
    const response = await binding.waiters.wait<CallResult>(binding, call, () =>
      issue(binding.client, call, "response"),
    );
    const id = response.job?.id;
    const job = id === undefined ? undefined : this.#jobRef(id, binding, binding.client.job(id, true));
    return this.#handle(id, response, job);
  }

  /**
   * Returns a handle for an existing job. Does no I/O until you use the handle.
   *
   * @throws TypeError if the id is empty, `.`, `..` or longer than 512 characters.
   *
   * @example
   * ```ts
   * const { state, message } = await deploy.job("9d1f0c2e").poll();
   * ```
   */
  job(id: string): JobHandle {
    readString(id, "id", "a job's id, as a string");
    const binding = this.#use();
    return this.#handle(id, undefined, this.#jobRef(id, binding, binding.client.job(id, false)));
  }

  /**
   * Returns a handle for a token from {@link JobHandle.serialize} or {@link DeployError.token}, from this or another
   * process. Does no I/O until you use the handle; the wait then continues where it stopped.
   *
   * @throws {@link BadTokenError} if the token is corrupted (it has a checksum), has another version, or belongs to
   * another server than `baseUrl`; TypeError if it is not a string.
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
   * The typed form, for a collection that `Api` describes.
   *
   * @throws The same errors as the untyped form.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * const hosts = await typed.list("/hosts", { query: { fields: "name,status" } });
   * ```
   */
  list<Path extends CollectionPath<Api>>(
    path: Path,
    ...rest: PlainArguments<Api, "GET", Path>
  ): Promise<readonly Listed<Api, Path>[]>;
  /**
   * Returns the records of a collection, from `GET path`. Deploy sends no next link, so the array holds
   * all records that the query selects.
   *
   * @typeParam T The expected type of a record. The client does not check it.
   *
   * @throws The errors of {@link DeployClient.request}; {@link ProtocolError} if the response has no `records`, after
   * all retries.
   *
   * @example
   * ```ts
   * const hosts = await deploy.list<{ name: string }>("/hosts", { query: { fields: "name,status" } });
   * ```
   */
  list<T = unknown, Path extends string = string>(
    path: Path & Unlisted<Api, Path>,
    options?: CallOptions,
  ): Promise<readonly T[]>;
  async list(path: string, options?: unknown): Promise<readonly unknown[]> {
    const call = readCall(this.#settings, "GET", path, options);
    return this.#records(call);
  }

  /**
   * The typed form, for a collection that `Api` describes.
   *
   * @throws The same errors as the untyped form.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * const cluster = await typed.find("/clusters", { name: "prod", fields: "state" });
   * ```
   */
  find<Path extends CollectionPath<Api>>(
    path: Path,
    query: SearchOf<OperationOf<Api, "GET", Path>>,
    ...rest: FindArguments<Api, Path>
  ): Promise<Listed<Api, Path> | undefined>;
  /**
   * Returns the first record that matches a query, or `undefined` if no record matches or Deploy sends a 404.
   *
   * @param query Is merged with {@link CallOptions.query} and takes precedence over it.
   * @typeParam T The expected type of the record. The client does not check it.
   *
   * @throws The errors of {@link DeployClient.list}.
   *
   * @example
   * ```ts
   * const cluster = await deploy.find<{ id: string }>("/clusters", { name: "prod" });
   * ```
   */
  find<T = unknown, Path extends string = string>(
    path: Path & Unlisted<Api, Path>,
    query: CallOptions["query"],
    options?: CallOptions,
  ): Promise<T | undefined>;
  async find(path: string, query: CallOptions["query"], options?: unknown): Promise<unknown> {
    const call = readCall(this.#settings, "GET", path, options, { query });
    if (query && Object.keys(query).length > 0) checkSelects(query);
    return this.#first(call);
  }

  /**
   * The typed form, for an object that `Api` describes.
   *
   * @throws The same errors as the untyped form.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * const { state } = await typed.read("/clusters/{id}", { params: { id } });
   * ```
   */
  read<Path extends ObjectPath<Api>>(
    path: Path,
    ...rest: PlainArguments<Api, "GET", Path>
  ): Promise<Read<Api, Path>>;
  /**
   * Returns one object's `record`, from `GET path`.
   *
   * @typeParam T The expected type of the record. The client does not check it.
   *
   * @throws The errors of {@link DeployClient.request}; {@link ProtocolError} if the response has no record, after all
   * retries.
   *
   * @example
   * ```ts
   * const { state } = await deploy.read<{ state: string }>("/clusters/{id}", { params: { id } });
   * ```
   */
  read<T = unknown, Path extends string = string>(
    path: Path & Unread<Api, Path>,
    options?: CallOptions,
  ): Promise<T>;
  async read(path: string, options?: unknown): Promise<unknown> {
    return this.#record(readCall(this.#settings, "GET", path, options), "record");
  }

  /**
   * The typed form, for a collection that `Api` describes.
   *
   * @throws The same errors as the untyped form.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * const { record } = await typed.ensure("/clusters", { name }, { name }, { postQuery: { node_count: 2 } });
   * ```
   */
  ensure<Path extends GrowingPath<Api>>(
    path: Path,
    query: SearchOf<OperationOf<Api, "GET", Path>>,
    body: BodyArguments<Api, "POST", Path>[0],
    ...rest: EnsureArguments<Api, Path>
  ): Promise<Ensured<Listed<Api, Path>>>;
  /**
   * Returns the object that matches a query, and creates it first if none matches: `POST path`, the wait for its job,
   * and another search. You can run it again after an interruption. If another client creates the object in between,
   * `ensure` finds that one.
   *
   * @param query Identifies the object, for example by its name.
   * @param body As in {@link CallOptions.body}.
   * @param options `postQuery` is the query of the POST, `query` that of each GET. `timeout` limits the whole call.
   * @typeParam T The expected type of the record. The client does not check it.
   *
   * @throws The errors of {@link DeployClient.post} and {@link DeployClient.find}. After a successful POST, an error
   * has the outcome `"unknown"`.
   *
   * @example
   * ```ts
   * const { record, created } = await deploy.ensure<{ id: string }>("/clusters", { name }, { name }, { postQuery: { node_count: 2 } });
   * ```
   */
  ensure<T = unknown, Path extends string = string>(
    path: Path & Unensured<Api, Path>,
    query: CallOptions["query"],
    body: unknown,
    options?: CallOptions & {
      /** The query of the POST. */
      postQuery?: CallOptions["query"];
    },
  ): Promise<Ensured<T>>;
  async ensure(
    path: string,
    query: CallOptions["query"],
    body: unknown,
    options?: { postQuery?: CallOptions["query"] },
  ): Promise<Ensured> {
    const settings = this.#settings;
    // Check every argument before anything is sent.
    const get = readCall(settings, "GET", path, options, { query });
    const { query: fields } = readCall(settings, "GET", path, options);
    const post = readCall(settings, "POST", path, options, { query: options?.postQuery, body });
    checkSelects(query ?? {});
    const { timeout = settings.timeout ?? Number.POSITIVE_INFINITY } = get;
    const end = now() + timeout;
    const within = (call: CallSettings) => ({ ...call, timeout: Math.max(1, end - now()) });
    const find = () => this.#first(within(get));
    let record = await find();
    let result: CallResult | undefined;
    if (record === undefined) {
      try {
        result = await this.#send(within(post));
      } catch (error) {
        record = saysThatItExists(error) ? await find().catch(noneUnlessLeft) : undefined;
        if (record === undefined) throw error;
      }
    }
    if (result) {
      try {
        record = await find();
        if (record === undefined) {
          if (result.path === undefined)
            throw failure("PROTOCOL", `POST ${path} succeeded, but no record matches the query`);
          const created = within({ ...get, path: [result.path], query: fields });
          record = await this.#record(created, "record");
        }
      } catch (error) {
        if (!(error instanceof DeployError)) throw error;
        // `sent` describes the GET, not the POST.
        delete (error as { sent?: unknown }).sent;
        throw Object.assign(error, { outcome: "unknown" });
      }
    }
    return Object.freeze({ record, created: result !== undefined, ...(result && { result }) });
  }

  /**
   * The typed form, for an object that `Api` describes.
   *
   * @throws The same errors as the untyped form.
   *
   * @example
   * ```ts
   * const typed = new DeployClient<DeployApi>({ baseUrl, auth });
   * await typed.until("/clusters/{id}", ({ state }) => state === "powered_on", { params: { id } });
   * ```
   */
  until<Path extends ObjectPath<Api>>(
    path: Path,
    when: (record: Read<Api, Path>) => boolean | Promise<boolean>,
    ...rest: PlainArguments<Api, "GET", Path>
  ): Promise<Read<Api, Path>>;
  /**
   * Reads an object until `when` returns true for its record. The client pauses 1 s between reads, doubles the pause up
   * to 5 s, and returns to 1 s when the response changes. It retries failures as a job wait does, and reads at once
   * when the machine wakes up or the network returns.
   *
   * @param when Receives each record, in the async context of the call. May be async. If it throws or rejects, the
   * promise rejects with that error.
   * @typeParam T The expected type of the record. The client does not check it.
   *
   * @throws The errors of {@link DeployClient.read}; {@link WaitTimeoutError} with the outcome `"refused"`, because a
   * read changes nothing; TypeError if `when` returns neither true nor false.
   *
   * @example
   * ```ts
   * const isOn = (node: { state?: string }) => node.state === "powered_on";
   * await deploy.until(`/clusters/${id}/nodes/${node}`, isOn, { query: { fields: "state" }, timeout: 600_000 });
   * ```
   */
  until<T = unknown, Path extends string = string>(
    path: Path & Unread<Api, Path>,
    when: (record: T) => boolean | Promise<boolean>,
    options?: CallOptions,
  ): Promise<T>;
  async until<T>(
    path: string,
    when: (record: T) => boolean | Promise<boolean>,
    options?: unknown,
  ): Promise<unknown> {
    const call = readCall(this.#settings, "GET", path, options);
    if (typeof when !== "function") throw wrongType("when", "a function that takes the record");
    return this.#record({ ...call, when }, "condition");
  }

  /**
   * Downloads a file. Resolves when the first bytes arrive, with a stream of any size. Until then `timeout` and
   * {@link ClientOptions.requestTimeout} apply and failures are retried; `signal` applies to the end of the stream.
   *
   * @param path As in {@link DeployClient.request}, or an absolute address of the same origin as `baseUrl`, such as a
   * `download_url`.
   *
   * @throws The errors of {@link DeployClient.request}; {@link ProtocolError} if the server starts a job or sends no
   * file. The stream fails with {@link TransportError} if the connection breaks, with {@link ClosedError} if the
   * client is closed, or with `signal.reason`.
   *
   * @example
   * ```ts
   * const { record } = await deploy.ensure<{ download_url: string }>("/backups", { name }, { password });
   * const { body, name = "backup.tar.gz" } = await deploy.download(record.download_url);
   * await pipeline(body, createWriteStream(name));
   * ```
   */
  async download(path: string, options?: CallOptions): Promise<Download> {
    const call = readCall(this.#settings, "GET", path, options);
    const headers = new Headers(call.headers);
    const isDefault = this.#settings.headers.get("accept") === "application/json";
    if (isDefault && !headers.has("accept")) headers.set("accept", "*/*");
    const file = new FileRequest();
    await this.#send({ ...call, headers, file }, "file");
    const download = file.open(path, call.signal, this.#use().waiters.running);
    // The client may have been closed since the response arrived.
    if (this.#closed) this.#endFiles();
    return download;
  }

  /**
   * Counters over the lifetime of this client. Each read returns a new frozen object.
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
   * Ends every wait with {@link ClosedError}, aborts every request and releases every timer, lock and channel. Jobs on
   * the server keep running. Later calls and waits reject with {@link ClosedError}, except a wait for a job whose end
   * is already known.
   *
   * @example
   * ```ts
   * process.once("SIGTERM", () => deploy.close());
   * ```
   */
  close(): void {
    this.#closed = true;
    this.#use().client.close();
    this.#endFiles();
  }

  /**
   * Calls {@link DeployClient.close} at the end of a `using` block.
   *
   * @example
   * ```ts
   * using deploy = new DeployClient({ baseUrl: "/api" });
   * ```
   */
  [Symbol.dispose](): void {
    this.close();
  }

  // Not an async function: its frame would keep the body in memory until the job ends.
  #request<T>(method: string, path: string, options: unknown, given?: CallArguments): Promise<CallResult<T>> {
    try {
      return this.#send(readCall(this.#settings, method, path, options, given));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #send<T>(call: CallSettings & Condition, goal: Goal = "jobEnd"): Promise<CallResult<T>> {
    const binding = this.#use();
    return binding.waiters.wait(binding, call, () => issue(binding.client, call, goal));
  }

  #endFiles(): void {
    for (const end of this.#use().waiters.running) end(failure("CLOSED", "the client was closed"));
  }

  async #records(call: CallSettings): Promise<readonly unknown[]> {
    const { body } = await this.#send<{ records: unknown[] }>(call, "records");
    return body.records;
  }

  async #first(call: CallSettings): Promise<unknown> {
    try {
      const [first] = await this.#records(call);
      return first;
    } catch (error) {
      if (!saysThatThereIsNone(error)) throw error;
    }
  }

  async #record(call: CallSettings & Condition, goal: Goal): Promise<unknown> {
    const { body } = await this.#send<{ record: unknown }>(call, goal);
    return body.record;
  }

  /** The client inside the wasm instance; a new one if the instance failed. */
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
        current = { ...renewed, job: renewed.client.job(id, false) };
      }
      return current;
    };
  }
}

function issue(client: EngineClient, call: CallSettings, goal: Goal): number {
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
    goal,
  );
}

/** With only undefined values, the server would choose a record. */
function checkSelects(query: object): void {
  if (Object.values(query).every((value) => value === undefined))
    throw wrongType("query", "at least one value to search for");
}

/** After a refused POST, a failed search must not replace its error, unless the caller stopped waiting. */
function noneUnlessLeft(error: unknown): undefined {
  if (!(error instanceof DeployError) || /WAIT_TIMEOUT|CLOSED/.test(error.code)) throw error;
}

/** Another client created the object in between. */
function saysThatItExists(error: unknown): boolean {
  const { status, message } = error as { status?: number; message?: string };
  const isRefused = status === 400 || error instanceof JobFailedError;
  return error instanceof DeployError && (status === 409 || (isRefused && /exist/i.test(message ?? "")));
}

/** Deploy's 404 has an error object; a proxy's 404 has none. */
function saysThatThereIsNone(error: unknown): boolean {
  if (!(error instanceof HttpError) || error.status !== 404) return false;
  try {
    return Boolean(JSON.parse(error.text ?? "").error);
  } catch {
    return false;
  }
}
