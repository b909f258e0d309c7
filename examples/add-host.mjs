// Adds a host. Exits with 0 when it is added, 1 when that failed or was refused, 3 when nobody knows.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… node add-host.mjs esx-1.example.com

import { DeployClient, JobFailedError } from "ontap-select-deploy";

const { DEPLOY_URL = "", DEPLOY_PASSWORD = "" } = process.env;
const deploy = new DeployClient({
  baseUrl: DEPLOY_URL,
  auth: { username: "admin", password: DEPLOY_PASSWORD },
});

try {
  const { job } = await deploy.post(
    "/hosts",
    { name: process.argv[2] },
    {
      timeout: 600_000, // ten minutes, then the outcome is unknown
      onProgress: ({ state, message }) => console.error(`${state}: ${message ?? ""}`),
    },
  );
  console.log(JSON.stringify({ job: job?.id, state: "success" }));
} catch (error) {
  console.error(error.message);
  // A call that is answered 4xx was not begun.
  const isRefused = error.status < 500 && !error.job;
  process.exitCode = error instanceof JobFailedError || isRefused ? 1 : 3;
} finally {
  deploy.close();
}
