import * as deploy from "ontap-select-deploy";
import { follow } from "./follow.mjs";

export async function render(baseUrl) {
  return `<main>${await follow(deploy, baseUrl)}</main>`;
}
