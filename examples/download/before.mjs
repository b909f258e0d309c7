import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Saves a backup from the VM to a file, without the package. */
export async function saveBackup(baseUrl, headers, id, file) {
  const response = await fetch(`${baseUrl}/backups/${id}?fields=download_url`, { headers });
  if (!response.ok) throw new Error(`GET /backups/${id}: ${response.status}`);
  const { download_url } = (await response.json()).record;
  // Sends the password to the VM only.
  if (new URL(download_url).origin !== new URL(baseUrl).origin) throw new Error("not on the Deploy VM");
  const download = await fetch(download_url, { headers, redirect: "error" });
  if (!download.ok) throw new Error(`${download_url}: ${download.status}`);
  await pipeline(Readable.fromWeb(download.body), createWriteStream(file));
}
