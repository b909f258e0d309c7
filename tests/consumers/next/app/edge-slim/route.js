import * as deploy from "ontap-select-deploy/slim";
import { follow } from "../../follow.mjs";
import engine from "../../node_modules/ontap-select-deploy/dist/engine.wasm?module";

export const runtime = "edge";
export const dynamic = "force-dynamic";

export async function GET() {
  await deploy.init(engine);
  return new Response(await follow(deploy, `${process.env.DEPLOY_URL}/api`));
}
