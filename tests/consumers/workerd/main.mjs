import * as whole from "ontap-select-deploy";
import engine from "ontap-select-deploy/engine.wasm";
import * as slim from "ontap-select-deploy/slim";
import { follow } from "./follow.mjs";

// Made in the first request and used by later ones: all but its waits outlasts the request that made it.
let shared;

/** The package with one client for all requests. */
function sharing({ DeployClient, JobFailedError }) {
  function Shared(baseUrl, options) {
    shared ??= new DeployClient(baseUrl, options);
    return { post: shared.post.bind(shared), close() {} };
  }
  return { DeployClient: Shared, JobFailedError };
}

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/") return new Response("ready");
    if (pathname === "/slim") await slim.init(engine);
    const entry = { "/slim": slim, "/shared": sharing(whole) }[pathname] ?? whole;
    return new Response(await follow(entry, searchParams.get("deploy")).catch((error) => error.stack));
  },
};
