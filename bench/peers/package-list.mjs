// The package, against a server that answers `GET /jobs?id=a|b|c`: jobs that outnumber the slots are asked for together.

export { create } from "./package.mjs";

export const title = "ontap-select-deploy, jobs asked for together";
