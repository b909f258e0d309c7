import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** Saves a backup from the VM to a file. */
export async function saveBackup(deploy, id, file) {
  const options = { params: { id }, query: { fields: "download_url" } };
  const { download_url } = await deploy.read("/backups/{id}", options);
  const { body } = await deploy.download(download_url);
  await pipeline(body, createWriteStream(file));
}
