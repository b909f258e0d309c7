import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** Keeps a backup that the VM has made. */
export async function keep(deploy, id, file) {
  const options = { params: { id }, query: { fields: "download_url" } };
  const { download_url } = await deploy.read("/backups/{id}", options);
  const { body } = await deploy.download(download_url);
  await pipeline(body, createWriteStream(file));
}
