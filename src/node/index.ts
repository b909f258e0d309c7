/**
 * What a script against an appliance needs in Node, and `fetch` does not give: certificates of one's own, proxies, and
 * cheap requests.
 *
 * @module ontap-select-deploy/node
 */

export { certificate } from "./certificate.js";
export { nodeFetch } from "./fetch.js";
export type { NodeFetch, NodeFetchOptions, ServerCertificate, UploadProgress } from "./types.js";
