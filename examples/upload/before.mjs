import { readFile } from "node:fs/promises";
import { basename } from "node:path";

/** Uploads a license file, without the package. */
export async function addLicense(baseUrl, headers, file) {
  const form = new FormData();
  form.set("license_file", new Blob([await readFile(file)]), basename(file));
  const response = await fetch(`${baseUrl}/licensing/licenses`, { method: "POST", headers, body: form });
  if (!response.ok) throw new Error((await response.json()).error?.message ?? response.status);
}
