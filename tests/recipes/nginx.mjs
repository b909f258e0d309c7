// Debian's nginx with a configuration of the documentation, for one test.

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../lib/free-port.mjs";
import { folder as recipes } from "./recipe.mjs";

const START_LIMIT_MS = 10_000;

/**
 * Runs nginx with a configuration of examples/nginx, in which certain texts stand for what is there in
 * earnest; each of them must occur.
 * @returns {Promise<{ origin: string, log(): Promise<string> }>} where it listens, by TLS on localhost
 */
export async function nginx(t, file, replacements) {
  const folder = await mkdtemp(join(tmpdir(), "nginx-"));
  await mkdir(join(folder, "temp"));
  const port = await freePort();
  let server = await readFile(join(recipes, "nginx", file), "utf8");
  for (const [from, to] of Object.entries({
    "listen 443 ssl": `listen 127.0.0.1:${port} ssl`,
    ...replacements,
  })) {
    if (!server.includes(from)) throw new Error(`${file} has no "${from}"`);
    server = server.replaceAll(from, to);
  }
  await writeFile(join(folder, "nginx.conf"), whole(folder, server));

  const child = spawn(
    process.env.NGINX_PROGRAM ?? "/usr/sbin/nginx",
    ["-p", folder, "-c", "nginx.conf", "-e", "error.log"],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const ended = new Promise((resolve) => child.on("close", resolve));
  t.after(async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  await Promise.race([
    listens(port),
    ended.then((code) => {
      throw new Error(`nginx ended with code ${code}`);
    }),
  ]);
  return { origin: `https://localhost:${port}`, log: () => readFile(join(folder, "access.log"), "utf8") };
}

// What a distribution's nginx.conf has around its servers, and everything that is written below the folder.
function whole(folder, server) {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
    daemon off;
    master_process off;
    pid nginx.pid;
    events {}
    http {
      types { text/html html; text/javascript js; }
      access_log access.log;
      ${kinds.map((kind) => `${kind}_temp_path ${folder}/temp;`).join("\n      ")}
      ${server}
    }`;
}

async function listens(port) {
  const end = performance.now() + START_LIMIT_MS;
  while (performance.now() < end) {
    // A complaint about its certificate is an answer, too.
    const heard = await fetch(`https://127.0.0.1:${port}`).catch((error) => error.cause?.code);
    if (heard !== "ECONNREFUSED") return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nginx did not listen for ${START_LIMIT_MS / 1_000} s`);
}
