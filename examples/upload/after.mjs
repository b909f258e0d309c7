import { openAsBlob } from "node:fs";
import { basename } from "node:path";

/** Uploads a license file. */
export async function addLicense(deploy, file) {
  const form = new FormData();
  form.set("license_file", await openAsBlob(file), basename(file)); // reads the file while it sends it
  await deploy.post("/licensing/licenses", form);
}
