// Backs up the configuration of the Deploy VM into a file, and deletes the VM's own copy.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… BACKUP_PASSWORD=… node back-up.mjs deploy.tar.gz

import { open, rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { needed, readArguments, run, send, UsageError } from "./script.mjs";

await run(async (deploy) => {
  const [file] = readArguments("back-up.mjs <file>", 1).positionals;
  const password = needed("BACKUP_PASSWORD");
  // A backup of an earlier day stays until this one is whole.
  const part = `${file}.part`;
  const output = await open(part, "w").catch((error) => {
    throw new UsageError(error.message);
  });
  try {
    await backUp(deploy, password, output);
    await rename(part, file);
    console.log(file);
  } finally {
    await output.close();
    await rm(part, { force: true });
  }
});

async function backUp(deploy, password, output) {
  const made = await send(deploy, "POST", "/backups", { password });
  const path = `/backups/${made.location.split("/").at(-1)}`;
  try {
    const { body } = await deploy.get(path, { query: { fields: "download_url" } });
    await download(body.record.download_url, output);
  } finally {
    await send(deploy, "DELETE", path);
  }
}

/** A file can be larger than the client reads at once. */
async function download(url, output) {
  const { DEPLOY_URL, DEPLOY_USERNAME = "admin", DEPLOY_PASSWORD } = process.env;
  // The password goes to the VM, and nowhere else.
  if (new URL(url).origin !== new URL(DEPLOY_URL).origin) throw new Error(`${url} is not on the Deploy VM`);
  const authorization = `Basic ${Buffer.from(`${DEPLOY_USERNAME}:${DEPLOY_PASSWORD}`).toString("base64")}`;
  const response = await fetch(url, { headers: { authorization }, redirect: "error" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), output.createWriteStream());
}
