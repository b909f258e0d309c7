// Request bodies.

/** A body for `fetch`, and its default content type. */
export interface FetchBody {
  readonly body: unknown;
  /** `undefined` if `fetch` sets it or there is no body. */
  readonly contentType: string | undefined;
}

/**
 * Copies a body for `fetch`, so that later changes by the caller are not sent. A plain value becomes JSON.
 *
 * @param hasOwnFetch Whether the user's `fetch` sends it, which may support other classes than the runtime.
 * @throws TypeError that names the body and says what to pass instead.
 */
export function fetchBody(value: unknown, hasOwnFetch: boolean): FetchBody {
  if (value === undefined || typeof value === "string") return { body: value, contentType: undefined };
  let refusal: TypeError | undefined;
  try {
    const body = copied(value, hasOwnFetch);
    if (body) return body;
    const text = JSON.stringify(value, (name, member) => {
      const advice = adviceFor(member);
      if (advice === undefined) return member;
      const where = name === "" ? "" : ` in member ${JSON.stringify(name)}`;
      refusal = new TypeError(
        `body: expected plain data, a string, bytes, a Blob, FormData or URLSearchParams, not ${kindOf(member)}${where}: ${advice}`,
      );
      throw refusal;
    }) as string | undefined;
    if (text !== undefined) return { body: text, contentType: "application/json" };
  } catch (cause) {
    throw refusal ?? new TypeError("body: expected a value that JSON can express", { cause });
  }
  throw new TypeError(`body: expected a value that JSON can express, not ${kindOf(value)}`);
}

/** The kind of a value, for a message. The value itself may be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  const kind = typeof value === "object" ? tagOf(value) : typeof value;
  return `${/^[AEIOU]/i.test(kind) ? "an" : "a"} ${kind}`;
}

// Checks the tag, because a test environment may have its own classes.
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** A copy of a value that `fetch` accepts; `undefined` for JSON and for invalid values. */
function copied(value: unknown, hasOwnFetch: boolean): FetchBody | undefined {
  const contentType = undefined;
  const tag = tagOf(value);
  if (ArrayBuffer.isView(value))
    return { body: new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice(), contentType };
  if (/^(Shared)?ArrayBuffer$/.test(tag))
    return { body: new Uint8Array(value as ArrayBuffer).slice(), contentType };
  if (tag === "URLSearchParams") {
    return { body: String(value), contentType: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  // A library's form may be a Node stream.
  const isForm = tag === "FormData" && !("pipe" in (value as object));
  if (!(isForm || tag === "Blob" || tag === "File")) return undefined;
  if (!(hasOwnFetch || isKnownToFetch(value))) return undefined;
  return { body: isForm ? copyOfForm(value as FormData) : value, contentType };
}

function copyOfForm(form: FormData): FormData {
  const copy = new (form.constructor as typeof FormData)();
  for (const [name, value] of form) copy.append(name, value as string);
  return copy;
}

/** Whether the runtime recognizes the value. Otherwise it would send "[object FormData]". */
function isKnownToFetch(value: unknown): boolean {
  const { headers } = new Response(value as BodyInit);
  return headers.get("content-type") !== "text/plain;charset=UTF-8";
}

/** What to pass instead of a value that JSON cannot represent; `undefined` if the value is fine. */
function adviceFor(value: unknown): string | undefined {
  if (typeof value === "bigint") return "pass a number or a string";
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const has = (name: PropertyKey) => typeof (value as Record<PropertyKey, unknown>)[name] === "function";
  const tag = tagOf(value);
  if (has("then")) return "await it first";
  if (has("pipe") || has("getReader") || has(Symbol.asyncIterator))
    return "read it first, because the client may have to send the body again";
  if (tag === "Response" || tag === "Request") return "pass the result of its text() or blob()";
  if (tag === "Map") return "pass Object.fromEntries(map)";
  if (/^(FormData|Blob|File)$/.test(tag)) return "pass the runtime's own class, as the whole body";
  if (ArrayBuffer.isView(value) || tag === "URLSearchParams")
    return "pass it as the whole body, or as a string";
  if (has(Symbol.iterator) && tag !== "String") return "pass an array, such as [...it]";
  const isPlain = /^(Object|Boolean|Number|String)$/.test(tag) || Object.keys(value).length > 0;
  return isPlain ? undefined : "as JSON it is empty";
}
