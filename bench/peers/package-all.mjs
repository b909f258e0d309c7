// The package, set to keep a poll open for each job, as every peer does.

import { create as createUsual } from "./package.mjs";

export const title = "ontap-select-deploy, a poll for each job";

export const create = (options) => createUsual({ ...options, maxOpenPolls: 100_000 });
