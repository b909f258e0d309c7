// Gives the tests access to the package.

import { DeployClient, JobFailedError } from "./package/index.js";

const auth = { username: "admin", password: "Netapp1!" };

globalThis.JobFailedError = JobFailedError;
globalThis.client = (options) => new DeployClient({ baseUrl: "/api", auth, ...options });
