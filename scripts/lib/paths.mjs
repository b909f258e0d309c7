// The paths of the repository. All build output is in target/ and dist/, which git ignores.

import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
export const target = `${root}/target`;
export const tools = `${target}/tools`;
export const bindgenDir = `${target}/bindgen`;
export const embedDir = `${target}/embed`;
export const simulatorDir = `${target}/simulator`;
export const simulatorBundles = `${target}/simulator-bundles`;
export const pageDir = `${target}/www`;
export const siteDir = `${target}/docs`;
export const dist = `${root}/dist`;

/**
 * A path relative to the repository.
 * @param {string} path
 */
export function short(path) {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}
