import * as whole from "ontap-select-deploy";
import * as slim from "ontap-select-deploy/slim";
import { follow } from "../follow.mjs";

const first = await follow(whole, "/api");
await slim.init(new URL("ontap-select-deploy/wasm", import.meta.url));
document.title = `${first}; ${await follow(slim, "/api")}`;
