/**
 * A `fetch` for Node scripts that talk to a Deploy VM, with private certificates, proxies and less processor time than
 * Node's `fetch`.
 *
 * @module ontap-select-deploy/node
 */

export { certificate } from "./certificate.js";
export { nodeFetch } from "./fetch.js";
export type { NodeFetch, NodeFetchOptions, ServerCertificate, UploadProgress } from "./types.js";
