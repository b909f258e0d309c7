// What the tests need of the package. What is done with it, they say themselves.

import { DeployClient, JobFailedError } from "./package/index.js";

const auth = { username: "admin", password: "Netapp1!" };

globalThis.JobFailedError = JobFailedError;
globalThis.client = (options) => new DeployClient({ baseUrl: "/api", auth, ...options });
