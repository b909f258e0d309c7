// In place of module.ts for the slim entry: the user says where the engine comes from, once.

/** Where the engine, the file `ontap-select-deploy/wasm`, is to be had. */
export type EngineSource = string | URL | Response | BufferSource | WebAssembly.Module;

let compiled: WebAssembly.Module | undefined;

/**
 * Loads the engine. To be awaited before the first `new DeployClient()`; once is enough, and a call that
 * failed may be repeated.
 *
 * @param source the address of the file `ontap-select-deploy/wasm`, the answer to a request for it, its
 * bytes, or what compiling it gave; or a promise of one of these.
 * @throws what `fetch` or `WebAssembly.compile` throws; an Error when the answer's status is no success.
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

// Known by their members, not by instanceof: a test environment may bring its own classes.
async function compile(source: EngineSource): Promise<WebAssembly.Module> {
  if (Object.prototype.toString.call(source) === "[object WebAssembly.Module]")
    return source as WebAssembly.Module;
  if (typeof source === "string" || "href" in source) return compile(await fetch(source));
  if (!("arrayBuffer" in source)) return WebAssembly.compile(source as BufferSource);
  if (!source.ok)
    throw new Error(`ontap-select-deploy/slim: loading ${source.url} failed with status ${source.status}`);
  // Not compileStreaming: it refuses a server that calls the file anything but application/wasm.
  return WebAssembly.compile(await source.arrayBuffer());
}
