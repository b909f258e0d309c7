/**
 * The same API as `ontap-select-deploy`, but without the engine inside: {@link init} loads the file
 * `ontap-select-deploy/wasm`. For pages that cache this file separately and for runtimes that compile it themselves.
 *
 * @module ontap-select-deploy/slim
 */

export * from "./index.js";
export { type EngineSource, init } from "./module-slim.js";
