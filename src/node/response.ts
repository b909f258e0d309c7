// A lazy Response. It creates the Headers object and the body stream only when the caller uses them. It has the
// platform's prototype but avoids its constructor, which would create unused state.

import { type InspectOptions, inspect } from "node:util";
import type { Head } from "./http1.js";
import { AHEAD, type Incoming, type Step } from "./incoming.js";

const utf8 = new TextDecoder();

// An unread body blocks its connection when the buffer is full. This frees the connection when the response and its
// stream are garbage-collected.
const left = new FinalizationRegistry<Incoming>((incoming) => incoming.cancel());

export class NodeResponse implements Response {
  readonly #head: Head;
  readonly #url: string;
  /** The unread body; null if there is none. */
  #incoming: Incoming | null;
  #headers: Headers | undefined;
  /** The platform's Response, created for methods that this class does not implement. */
  #inner: Response | undefined;
  #isUsed = false;

  constructor(head: Head, url: string, incoming: Incoming | null) {
    this.#head = head;
    this.#url = url;
    this.#incoming = incoming;
    const { encoding, length = AHEAD } = head;
    if (incoming && (length >= AHEAD || encoding !== undefined)) left.register(this, incoming, incoming);
  }

  get type(): ResponseType {
    return "basic";
  }
  get url(): string {
    return this.#url;
  }
  get redirected(): boolean {
    return false;
  }
  get status(): number {
    return this.#head.status;
  }
  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }
  get statusText(): string {
    return this.#head.statusText;
  }
  get headers(): Headers {
    this.#headers ??= new LazyHeaders(this.#head.fields);
    return this.#headers;
  }
  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#platform().body;
  }
  get bodyUsed(): boolean {
    return this.#isUsed || (this.#inner?.bodyUsed ?? false);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const incoming = this.#takeWhole();
    if (!incoming) return this.#platform().arrayBuffer();
    // A copy, because other chunks may share the memory.
    return new Uint8Array(await incoming.whole()).buffer;
  }
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer());
  }
  async text(): Promise<string> {
    const incoming = this.#takeWhole();
    return incoming ? utf8.decode(await incoming.whole()) : this.#platform().text();
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
  async blob(): Promise<Blob> {
    return this.#platform().blob();
  }
  async formData(): Promise<FormData> {
    return this.#platform().formData();
  }

  /**
   * The body in chunks, for the client, which needs no stream.
   *
   * @throws TypeError if the body was already read.
   */
  chunks(): Pick<Incoming, "read" | "cancel"> & Partial<Pick<Incoming, "isTied">> {
    if (this.bodyUsed) throw new TypeError("the body was already read");
    const incoming = this.#takeWhole();
    if (incoming) return incoming;
    const reader = this.#platform().body?.getReader();
    return {
      read: async () => (reader ? ((await reader.read()) as Step) : { done: true }),
      cancel: () => {
        reader?.cancel().catch(() => {});
      },
    };
  }

  clone(): NodeResponse {
    const copy = this.#platform().clone();
    const clone = new NodeResponse(this.#head, this.#url, null);
    clone.#inner = copy;
    return clone;
  }

  /** Shows the response as newer versions of Node do. Older ones would show its empty internals. */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    const { status, statusText, headers, bodyUsed, ok, redirected, type, url } = this;
    return `Response ${inspect({ status, statusText, headers, bodyUsed, ok, redirected, type, url }, options)}`;
  }

  /** The body, marked as used; undefined if the platform's Response has it. */
  #takeWhole(): Incoming | undefined {
    if (this.#isUsed || this.#inner || !this.#incoming) return undefined;
    this.#isUsed = true;
    left.unregister(this.#incoming);
    return this.#incoming;
  }

  #platform(): Response {
    this.#inner ??= this.#made();
    return this.#inner;
  }

  #made(): Response {
    if (this.#isUsed) {
      const spent = new Response(" ");
      spent.text().catch(() => {});
      return spent;
    }
    // The only header that blob() and formData() need.
    const type = this.headers.get("content-type");
    const headers: HeadersInit = type === null ? {} : { "content-type": type };
    return new Response(this.#stream() as BodyInit | null, { headers });
  }

  #stream(): ReadableStream<Uint8Array> | null {
    const incoming = this.#incoming;
    if (!incoming) return null;
    const stream = incoming.stream();
    left.unregister(incoming);
    left.register(stream, incoming);
    return stream;
  }
}

Object.setPrototypeOf(NodeResponse.prototype, Response.prototype);

/** Headers that look up raw fields, and fill the platform's Headers for everything else. */
class LazyHeaders extends Headers {
  readonly #fields: readonly string[];
  #isFilled = false;

  constructor(fields: readonly string[]) {
    super();
    this.#fields = fields;
  }

  override get(name: string): string | null {
    if (this.#isFilled) return super.get(name);
    const wanted = String(name).toLowerCase();
    let found: string | null = null;
    for (let at = 0; at < this.#fields.length; at += 2) {
      if (this.#fields[at] !== wanted) continue;
      const value = this.#fields[at + 1] ?? "";
      found = found === null ? value : `${found}, ${value}`;
    }
    // The platform throws for an invalid name.
    return found ?? (wanted === "" ? super.get(name) : null);
  }
  override has(name: string): boolean {
    return this.#isFilled ? super.has(name) : this.get(name) !== null;
  }
  override append(name: string, value: string): void {
    this.#fill();
    super.append(name, value);
  }
  override set(name: string, value: string): void {
    this.#fill();
    super.set(name, value);
  }
  override delete(name: string): void {
    this.#fill();
    super.delete(name);
  }
  override getSetCookie(): string[] {
    this.#fill();
    return super.getSetCookie();
  }
  override forEach(callback: (value: string, name: string, parent: Headers) => void, self?: unknown): void {
    this.#fill();
    super.forEach(callback, self);
  }
  override keys() {
    this.#fill();
    return super.keys();
  }
  override values() {
    this.#fill();
    return super.values();
  }
  override entries() {
    this.#fill();
    return super.entries();
  }
  override [Symbol.iterator]() {
    return this.entries();
  }

  // The platform would show its internals.
  [inspect.custom](_depth: number, options: InspectOptions): string {
    return `Headers ${inspect(Object.fromEntries(this), options)}`;
  }

  #fill(): void {
    if (this.#isFilled) return;
    this.#isFilled = true;
    for (let at = 0; at < this.#fields.length; at += 2) {
      super.append(this.#fields[at] ?? "", this.#fields[at + 1] ?? "");
    }
  }
}
