import * as deploy from "ontap-select-deploy";
import { follow } from "./follow.mjs";

document.title = await follow(deploy, "/api");
