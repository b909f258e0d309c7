// Uploads a license file, or a newer one in its place. Where a node uses the license, ONTAP's own login is needed.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… CLUSTER_PASSWORD=… \
//   node add-license.mjs license.txt

import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import { needed, readArguments, run, UsageError } from "./script.mjs";

await run(async (deploy) => {
  const [file] = readArguments("add-license.mjs <file>", 1).positionals;
  const { id, form } = await readLicense(file);
  if (await deploy.find("/licensing/licenses", { id })) {
    if (await deploy.find("/clusters", { "nodes.serial_number": id })) {
      form.set("ontap_username", process.env.CLUSTER_USERNAME ?? "admin");
      form.set("ontap_password", needed("CLUSTER_PASSWORD"));
    }
    await deploy.put("/licensing/licenses/{id}", form, { params: { id } });
  } else {
    await deploy.post("/licensing/licenses", form);
  }
  console.log(id);
});

async function readLicense(file) {
  try {
    const license = await openAsBlob(file);
    const serial = JSON.parse(await license.text())?.statusResp?.serialNumber;
    if (!serial) throw new Error("no license file: it has no statusResp.serialNumber");
    const form = new FormData();
    form.set("license_file", license, basename(file));
    return { id: String(serial), form };
  } catch (error) {
    throw new UsageError(`${file}: ${error.message}`);
  }
}
