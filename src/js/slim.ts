/**
 * The same API as `ontap-select-deploy`, without the engine in it: {@link init} is given the file
 * `ontap-select-deploy/wasm` first. For pages that cache the file on its own, and for runtimes that
 * compile it themselves.
 *
 * @module ontap-select-deploy/slim
 */

export * from "./index.js";
export { type EngineSource, init } from "./module-slim.js";
