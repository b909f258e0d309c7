import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Keeps a backup that the VM has made, by hand. */
export async function keep(baseUrl, headers, id, file) {
  const answer = await fetch(`${baseUrl}/backups/${id}?fields=download_url`, { headers });
  if (!answer.ok) throw new Error(`GET /backups/${id}: ${answer.status}`);
  const { download_url } = (await answer.json()).record;
  // The password goes to the VM, and nowhere else.
  if (new URL(download_url).origin !== new URL(baseUrl).origin) throw new Error("not on the Deploy VM");
  const download = await fetch(download_url, { headers, redirect: "error" });
  if (!download.ok) throw new Error(`${download_url}: ${download.status}`);
  await pipeline(Readable.fromWeb(download.body), createWriteStream(file));
}
