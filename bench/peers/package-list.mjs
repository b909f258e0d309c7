// The package with a server that supports `GET /jobs?id=a|b|c`: one request asks for all jobs that wait for a slot.

export { create } from "./package.mjs";

export const title = "ontap-select-deploy, jobs asked for together";
