// The package over `nodeFetch`, set to keep as many polls open as `nodeFetch` has sockets for one server.

import { nodeFetch } from "ontap-select-deploy/node";
import { create as createUsual } from "./package.mjs";

export const title = "ontap-select-deploy over nodeFetch, a poll for each job (at most 250)";

export const create = (options) => createUsual({ ...options, maxOpenPolls: 250, fetch: nodeFetch() });
