import * as whole from "ontap-select-deploy";
import engine from "ontap-select-deploy/engine.wasm";
import * as slim from "ontap-select-deploy/slim";
import { follow } from "./follow.mjs";

const baseUrl = DEPLOY_API; // esbuild replaces it
const auth = { username: "admin", password: "Netapp1!" };

// A client in the global scope. It outlasts the requests, but its waits do not.
const shared = new whole.DeployClient({ baseUrl, auth });

/** The package with one client for all requests. */
const sharing = {
  ...whole,
  DeployClient: function Shared() {
    return { post: shared.post.bind(shared), close() {} };
  },
};

/** Starts two waits and returns their tokens before they end. */
async function leave(number) {
  const handles = ["esx", "unreachable"].map((name) => {
    const hosts = [{ name: `${name}-left-${number}`, hypervisor_type: "ESX" }];
    return shared.submit("POST", "/hosts", { body: { hosts } });
  });
  const accepted = await Promise.all(handles);
  for (const handle of accepted) handle.result().catch(() => {});
  return accepted.map((handle) => handle.serialize()).join();
}

/** Continues the waits in another request, with a new client, as the documentation recommends. */
async function resume(tokens) {
  const deploy = new whole.DeployClient({ baseUrl, auth });
  const [first, second] = tokens.split(",").map((token) => deploy.resume(token).result());
  const error = await second.catch((error) => error);
  return `${(await first).state}, then ${error.name}`;
}

async function responseTo({ pathname, searchParams }) {
  if (pathname === "/") return "ready";
  if (pathname === "/leave") return leave(searchParams.get("number"));
  if (pathname === "/resume") return resume(searchParams.get("tokens"));
  if (pathname === "/slim") await slim.init(engine);
  return follow({ "/slim": slim, "/shared": sharing }[pathname] ?? whole, baseUrl);
}

export default {
  async fetch(request) {
    return new Response(await responseTo(new URL(request.url)).catch((error) => error.stack));
  },
};
