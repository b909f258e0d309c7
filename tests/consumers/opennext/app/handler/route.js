import * as deploy from "ontap-select-deploy";
import { follow } from "../../follow.mjs";

export const dynamic = "force-dynamic";

export async function GET() {
  return new Response(await follow(deploy, `${process.env.DEPLOY_URL}/api`));
}
