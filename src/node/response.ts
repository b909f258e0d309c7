// A Response of the platform's own kind that does not pay for what is not asked: its headers are put into a Headers
// object, and its body into a stream, only when somebody wants that of them. It has the platform's prototype but is not
// made by its constructor, which makes state and headers that would never be looked at.

import { type InspectOptions, inspect } from "node:util";
import type { Head } from "./http1.js";
import { AHEAD, type Incoming, type Step } from "./incoming.js";

const utf8 = new TextDecoder();

// A body that nobody reads stops its connection once so much is read ahead. Where the response is left behind, and its
// stream, nobody will.
const left = new FinalizationRegistry<Incoming>((incoming) => incoming.cancel());

export class NodeResponse implements Response {
  readonly #head: Head;
  readonly #url: string;
  /** What nobody has asked for yet; null where there is no body. */
  #incoming: Incoming | null;
  #headers: Headers | undefined;
  /** The platform's own, once somebody wants what this one does not do by itself. */
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
    // A copy: others may have a part of the same memory.
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
   * The body chunk by chunk, which is how the client reads it: no stream has to be made for that.
   *
   * @throws TypeError where it was read already
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

  /** As newer versions of Node show a response; older ones would show this one's inside, which is empty. */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    const { status, statusText, headers, bodyUsed, ok, redirected, type, url } = this;
    return `Response ${inspect({ status, statusText, headers, bodyUsed, ok, redirected, type, url }, options)}`;
  }

  /** The body for somebody who takes all of it at once; undefined where the platform's own methods have to say. */
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
    // Only what blob() and formData() go by.
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

/** Headers that are looked up as they came, and made into what the platform has of them for everything else. */
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
    // For a name that is none the platform has an error.
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

  // The platform would show its inside.
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
