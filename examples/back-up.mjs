// Saves a backup of the Deploy VM's configuration to a file and deletes the VM's copy.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… BACKUP_PASSWORD=… node back-up.mjs deploy.tar.gz

import { open, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { backup } from "ontap-select-deploy/workflows";
import { needed, onStep, readArguments, run, UsageError } from "./script.mjs";

await run(async (deploy) => {
  const [file] = readArguments("back-up.mjs <file>", 1).positionals;
  const password = needed("BACKUP_PASSWORD");
  // An older backup stays until the new one is complete.
  const part = `${file}.part`;
  const output = await open(part, "w").catch((error) => {
    throw new UsageError(error.message);
  });
  try {
    const { body, removed } = await backup(deploy, password, { onStep });
    await pipeline(body, output.createWriteStream());
    await rename(part, file);
    console.log(file);
    await removed;
  } finally {
    await output.close();
    await rm(part, { force: true });
  }
});
