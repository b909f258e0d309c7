// Bodies of requests.

/** A body as `fetch` takes it, and the type that goes with it unless the caller names one. */
export interface FetchBody {
  readonly body: unknown;
  /** `undefined` where `fetch` knows it by itself, or there is no body. */
  readonly contentType: string | undefined;
}

/**
 * A body for `fetch`, as it is now: what the caller changes later does not go out. A plain value becomes JSON text.
 *
 * @param hasOwnFetch whether the user's own `fetch` sends it, which may know classes that the runtime does not
 * @throws TypeError that names the body and says what to give instead
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

/** What a value is, for a message: its kind alone, since the value may be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  const kind = typeof value === "object" ? tagOf(value) : typeof value;
  return `${/^[AEIOU]/i.test(kind) ? "an" : "a"} ${kind}`;
}

// Known by its tag, since a test environment may bring its own classes.
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** A copy of what `fetch` takes as it is; `undefined` for all that goes as JSON, or not at all. */
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
  // A form of a library may be a stream of Node.
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

/** Whether the runtime takes it for what its tag says; if not, "[object FormData]" would go out. */
function isKnownToFetch(value: unknown): boolean {
  const { headers } = new Response(value as BodyInit);
  return headers.get("content-type") !== "text/plain;charset=UTF-8";
}

/** What to give in place of a value of which JSON would show nothing, or its insides; `undefined` if it is fine. */
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
