import * as whole from "ontap-select-deploy";
import * as simulator from "ontap-select-deploy/simulator";
import * as slim from "ontap-select-deploy/slim";
import { deleteCluster } from "ontap-select-deploy/workflows";
import { deleteNothing, follow, simulate } from "../follow.mjs";

const first = await follow(whole, "/api");
await slim.init(new URL("ontap-select-deploy/wasm", import.meta.url));
await simulate(simulator, whole);
await deleteNothing({ deleteCluster }, whole, "/api");
document.title = `${first}; ${await follow(slim, "/api")}`;
