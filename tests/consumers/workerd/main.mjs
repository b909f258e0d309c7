import * as whole from "ontap-select-deploy";
import engine from "ontap-select-deploy/engine.wasm";
import * as slim from "ontap-select-deploy/slim";
import { follow } from "./follow.mjs";

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/") return new Response("ready");
    if (pathname === "/slim") await slim.init(engine);
    const entry = pathname === "/slim" ? slim : whole;
    return new Response(await follow(entry, searchParams.get("deploy")).catch((error) => error.stack));
  },
};
