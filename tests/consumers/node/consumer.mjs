export const where = "Node 20 to 26";
export const how =
  "the command, and scripts that `import` and `require` the default entry, `./slim`, `./node`, `./workflows` and `./simulator`, on the oldest, the newest and the installed Node";

export async function run(app) {
  // These packages contain only the program for one system.
  const program = (age) => `node_modules/node-${process.arch}-${age}/bin/node`;
  for (const node of [process.execPath, program("oldest"), program("newest")]) {
    app.followed(await app.run(node, "main.mjs"), 3);
    app.followed(await app.run(node, "main.cjs"), 3);
    const command = "node_modules/ontap-select-deploy/dist/cli.js";
    await app.run("env", "DEPLOY_PASSWORD=Netapp1!", node, command, "get", "/api/hosts");
  }
}
