// Uploads a license file or replaces an older one. If a node uses the license, Deploy needs ONTAP's login.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… CLUSTER_PASSWORD=… \
//   node add-license.mjs license.txt

import { basename } from "node:path";
import { addLicense } from "ontap-select-deploy/workflows";
import { onStep, readArguments, readInput, run } from "./script.mjs";

await run(async (deploy) => {
  const [name] = readArguments("add-license.mjs <file>", 1).positionals;
  const file = new File([await readInput(name)], basename(name));
  const { CLUSTER_USERNAME: username = "admin", CLUSTER_PASSWORD: password } = process.env;
  const ontap = password ? { username, password } : undefined;
  const { serialNumber } = await addLicense(deploy, file, { ontap, onStep });
  console.log(serialNumber);
});
