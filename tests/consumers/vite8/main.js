import * as whole from "ontap-select-deploy";
import * as slim from "ontap-select-deploy/slim";
import engine from "ontap-select-deploy/wasm?url";
import { follow } from "./follow.mjs";

const first = await follow(whole, "/api");
await slim.init(engine);
document.title = `${first}; ${await follow(slim, "/api")}`;
