// Of `Symbol.dispose`, for projects whose own `lib` is older.
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
   * const { job } = await typed.post("/hosts", { hosts: [{ name, hypervisor_type: "ESX", credential }] });
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
    return this.#request("POST", path, options, { body });
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
    return this.#request("PUT", path, options, { body });
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
    return this.#request("PATCH", path, options, { body });
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
    const response = await binding.waiters.wait<CallResult>(binding, call, () =>
      issue(binding.client, call, "response"),
    );
    const id = response.job?.id;
    const job = id === undefined ? undefined : this.#jobRef(id, binding, binding.client.job(id, true));
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
    return this.#handle(id, undefined, this.#jobRef(id, binding, binding.client.job(id, false)));
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
   * The same for a collection that the client's API describes.
   *
   * @throws As below.
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
   * The records of a collection, as `GET path` gives them. Deploy sends no next link, so they are all that the query
   * asks for.
   *
   * @typeParam T The expected type of a record. It is not checked.
   *
   * @throws As {@link DeployClient.request}; {@link ProtocolError} if the server answers without `records`, also when
   * retried.
   *
   * @example
   * ```ts
   * const hosts = await deploy.list<{ name: string }>("/hosts", { query: { fields: "name,state" } });
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
   * The same for a collection that the client's API describes.
   *
   * @throws As below.
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
   * The first record that matches a query; `undefined` if there is none, also where the server says 404.
   *
   * @param query As {@link CallOptions.query}, whose members of other names are kept.
   * @typeParam T The expected type of the record. It is not checked.
   *
   * @throws As {@link DeployClient.list}.
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
   * The same for an object that the client's API describes.
   *
   * @throws As below.
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
   * One object's `record`, as `GET path` gives it.
   *
   * @typeParam T The expected type of the record. It is not checked.
   *
   * @throws As {@link DeployClient.request}; {@link ProtocolError} if the server answers without a record, also when
   * retried.
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
   * The same for a collection that the client's API describes.
   *
   * @throws As below.
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
   * Creates an object unless it is there: what `find(path, query)` finds; where there is none, `POST path` with `body`,
   * followed to its job's end, and what is found then. A script that stopped in the middle can run it again. If
   * somebody else creates the object in between, it is found as well: the server refuses the POST then with a 409, or
   * says that it exists.
   *
   * @param query What tells the object from all others, such as its name.
   * @param body As {@link CallOptions.body}.
   * @param options `postQuery` goes with the POST, and `query` with each GET. `timeout` limits the whole.
   * @typeParam T The expected type of the record. It is not checked.
   *
   * @throws As {@link DeployClient.post} and {@link DeployClient.find}. An error after the POST has succeeded has the
   * outcome `"unknown"`.
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
    // All of it before anything is sent.
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
        // What it says is of the GET.
        delete (error as { sent?: unknown }).sent;
        throw Object.assign(error, { outcome: "unknown" });
      }
    }
    return Object.freeze({ record, created: result !== undefined, ...(result && { result }) });
  }

  /**
   * The same for an object that the client's API describes.
   *
   * @throws As below.
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
   * Reads an object until its record is as `when` wants it. The pauses are those between the polls of a job that the
   * server holds no polls for: 1 s, doubling to 5 s, back to 1 s when the response changes. Failures are retried as
   * those of a wait, and after a sleep, or when the network is back, the object is read at once.
   *
   * @param when Called with each record that is read, in the async context of the call; may be async. What it throws,
   * or rejects with, rejects the promise.
   * @typeParam T The expected type of the record. It is not checked.
   *
   * @throws As {@link DeployClient.read}; {@link WaitTimeoutError} with the outcome `"refused"`, since nothing was to
   * be changed; TypeError if `when` gives neither true nor false.
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
   * Gets a file: resolves when its first bytes come, and gives the rest as a stream. No limit applies to its size, and
   * nothing is retried once it has begun. `timeout` and {@link ClientOptions.requestTimeout} apply until then, `signal`
   * to its end.
   *
   * @param path As of {@link DeployClient.request}, or an absolute address of the base's own origin, such as a
   * `download_url`.
   *
   * @throws As {@link DeployClient.request}; {@link ProtocolError} if the server starts a job, or sends nothing. The
   * stream fails with {@link TransportError} if the connection breaks, with {@link ClosedError} if the client is
   * closed, and with `signal.reason`.
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
    // In the moment between.
    if (this.#closed) this.#endFiles();
    return download;
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
    this.#endFiles();
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

/** A value that is not set would leave the choice to the server. */
function checkSelects(query: object): void {
  if (Object.values(query).every((value) => value === undefined))
    throw wrongType("query", "at least one value to search for");
}

/** Of a search after a refusal: its failure says less than the refusal, unless the caller does not wait any more. */
function noneUnlessLeft(error: unknown): undefined {
  if (!(error instanceof DeployError) || /WAIT_TIMEOUT|CLOSED/.test(error.code)) throw error;
}

/** Somebody else created it in between. */
function saysThatItExists(error: unknown): boolean {
  const { status, message } = error as { status?: number; message?: string };
  const isRefused = status === 400 || error instanceof JobFailedError;
  return error instanceof DeployError && (status === 409 || (isRefused && /exist/i.test(message ?? "")));
}

/** Deploy itself says so, by its error object; a proxy has none. */
function saysThatThereIsNone(error: unknown): boolean {
  if (!(error instanceof HttpError) || error.status !== 404) return false;
  try {
    return Boolean(JSON.parse(error.text ?? "").error);
  } catch {
    return false;
  }
}
