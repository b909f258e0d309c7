// Uploads a license file, or a newer one in its place. Where a node uses the license, ONTAP's own login is needed.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… CLUSTER_PASSWORD=… \
//   node add-license.mjs license.txt

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { list, needed, readArguments, run, send, UsageError } from "./script.mjs";

await run(async (deploy) => {
  const [file] = readArguments("add-license.mjs <file>", 1).positionals;
  const { serial, form } = await readLicense(file);
  const [known] = await list(deploy, "/licensing/licenses", { id: serial });
  if (known) {
    const [user] = await list(deploy, "/clusters", { "nodes.serial_number": serial });
    if (user) {
      form.set("ontap_username", process.env.CLUSTER_USERNAME ?? "admin");
      form.set("ontap_password", needed("CLUSTER_PASSWORD"));
    }
    await send(deploy, "PUT", `/licensing/licenses/${encodeURIComponent(serial)}`, form);
  } else {
    await send(deploy, "POST", "/licensing/licenses", form);
  }
  console.log(serial);
});

async function readLicense(file) {
  let content, license;
  try {
    content = await readFile(file);
    license = JSON.parse(content);
  } catch (error) {
    throw new UsageError(`${file}: ${error.message}`);
  }
  const serial = license?.statusResp?.serialNumber;
  if (!serial) throw new UsageError(`${file}: no license file: it has no statusResp.serialNumber`);
  const form = new FormData();
  form.set("license_file", new Blob([content]), basename(file));
  return { serial: String(serial), form };
}
