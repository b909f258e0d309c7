// The package over its own `nodeFetch`, as a script in Node uses it.

import { nodeFetch } from "ontap-select-deploy/node";
import { create as createUsual } from "./package.mjs";

export const title = "ontap-select-deploy over nodeFetch";

export const create = (options) => createUsual({ ...options, fetch: nodeFetch() });
