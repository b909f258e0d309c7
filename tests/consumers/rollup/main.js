import * as deploy from "ontap-select-deploy";
import { deleteCluster } from "ontap-select-deploy/workflows";
import { deleteNothing, follow } from "./follow.mjs";

await deleteNothing({ deleteCluster }, deploy, "/api");
document.title = await follow(deploy, "/api");
