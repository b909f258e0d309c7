import { readFile } from "node:fs/promises";
import { basename } from "node:path";

/** Uploads a license file, by hand. */
export async function addLicense(baseUrl, headers, file) {
  const form = new FormData();
  form.set("license_file", new Blob([await readFile(file)]), basename(file));
  const answer = await fetch(`${baseUrl}/licensing/licenses`, { method: "POST", headers, body: form });
  if (!answer.ok) throw new Error((await answer.json()).error?.message ?? answer.status);
}
