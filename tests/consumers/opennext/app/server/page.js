import * as deploy from "ontap-select-deploy";
import { follow } from "../../follow.mjs";

export const dynamic = "force-dynamic";

export default async function Page() {
  return <main>{await follow(deploy, `${process.env.DEPLOY_URL}/api`)}</main>;
}
