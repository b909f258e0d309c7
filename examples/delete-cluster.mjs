// Powers a cluster off, and deletes it with all that is on it.
//
//   DEPLOY_URL=https://deploy.example.com/api DEPLOY_PASSWORD=… node delete-cluster.mjs branch-office

import { named, readArguments, run, send } from "./script.mjs";

await run(async (deploy) => {
  const [name] = readArguments("delete-cluster.mjs <cluster>", 1).positionals;
  const { id, state } = await named(deploy, "/clusters", name, "state");
  const path = `/clusters/${encodeURIComponent(id)}`;
  if (state === "powered_on") {
    await send(deploy, "PATCH", `${path}?force=state`, { availability: "powered_off" });
  }
  await send(deploy, "DELETE", path);
});
