// Replaces module.ts in the slim entry, where the user loads the engine.

/** A source of the engine, the file `ontap-select-deploy/wasm`. */
export type EngineSource = string | URL | Response | BufferSource | WebAssembly.Module;

let compiled: WebAssembly.Module | undefined;

/**
 * Loads the engine. Await it once before the first `new DeployClient()`. You can call it again after a failure.
 *
 * @param source The address of the file `ontap-select-deploy/wasm`, a response with it, its bytes, the compiled module,
 * or a promise of one of these.
 * @throws The error of `fetch` or `WebAssembly.compile`; an Error if the response is not a success.
 *
 * @example
 * ```ts
 * import { DeployClient, init } from "ontap-select-deploy/slim";
 * await init(fetch("/assets/engine.wasm"));
 * ```
 */
export async function init(source: EngineSource | PromiseLike<EngineSource>): Promise<void> {
  compiled = await compile(await source);
}

/** @internal */
export function engineModule(): WebAssembly.Module {
  if (!compiled) {
    throw new Error(
      'ontap-select-deploy/slim: no engine loaded; call "await init(source)" before you create a client',
    );
  }
  return compiled;
}

// Checks members instead of instanceof, because a test environment may have its own classes.
async function compile(source: EngineSource): Promise<WebAssembly.Module> {
  if (Object.prototype.toString.call(source) === "[object WebAssembly.Module]")
    return source as WebAssembly.Module;
  if (typeof source === "string" || "href" in source) return compile(await fetch(source));
  if (!("arrayBuffer" in source)) return WebAssembly.compile(source as BufferSource);
  if (!source.ok)
    throw new Error(`ontap-select-deploy/slim: loading ${source.url} failed with status ${source.status}`);
  // Not compileStreaming, which rejects every content type except application/wasm.
  return WebAssembly.compile(await source.arrayBuffer());
}
