// The package over its own `nodeFetch`, told to hold a poll open for each job: what a script in Node is shown to use.

import { nodeFetch } from "ontap-select-deploy/node";
import { create as createUsual } from "./package.mjs";

export const title = "ontap-select-deploy over nodeFetch, a poll for each job";

export const create = (options) => createUsual({ ...options, maxOpenPolls: 100_000, fetch: nodeFetch() });
