// Starts Debian's reverse proxies with the documentation's configurations.

import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../lib/free-port.mjs";
import { folder as recipes } from "./recipe.mjs";

const START_LIMIT_MS = 10_000;
// Some wait for open requests when they are stopped. They are killed then, as a service manager does.
const STOP_LIMIT_MS = 2_000;

// Kills every proxy when this process ends.
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/**
 * `changes` replaces ports, files and the timeout in the shown file. `whole` adds what a distribution's own
 * configuration has around it. All files are written below the folder.
 */
const programs = {
  nginx: {
    file: "nginx/same-origin.conf",
    changes: ({ port, vm, trusted, own, root, seconds }) => ({
      "listen 443 ssl": `listen 127.0.0.1:${port} ssl`,
      "https://deploy.example.com": vm,
      "/etc/nginx/deploy.crt": trusted,
      "/etc/nginx/console.crt": own.file,
      "/etc/nginx/console.key": own.keyFile,
      "/srv/console": root,
      "proxy_read_timeout 60s": `proxy_read_timeout ${seconds}s`,
    }),
    whole: wholeNginx,
    command: (folder, file) => [
      process.env.NGINX_PROGRAM ?? "/usr/sbin/nginx",
      ...["-p", folder, "-c", file, "-e", "error.log"],
    ],
  },
  haproxy: {
    file: "haproxy/haproxy.cfg",
    changes: ({ port, vm, trusted, pem, seconds }) => ({
      "bind :443": `bind 127.0.0.1:${port}`,
      "deploy.example.com:443": new URL(vm).host,
      "/etc/haproxy/deploy.crt": trusted,
      "/etc/haproxy/console.pem": pem,
      "console.internal:8080": "127.0.0.1:9",
      "timeout server 60s": `timeout server ${seconds}s`,
    }),
    whole: (_folder, text) => text,
    command: (_folder, file) => ["/usr/sbin/haproxy", "-db", "-f", file],
  },
  apache: {
    file: "apache/same-origin.conf",
    changes: ({ port, vm, trusted, own, root, seconds }) => ({
      "<VirtualHost *:443>": `<VirtualHost 127.0.0.1:${port}>`,
      "https://deploy.example.com": vm,
      "/etc/apache2/deploy.crt": trusted,
      "/etc/apache2/console.crt": own.file,
      "/etc/apache2/console.key": own.keyFile,
      "/srv/console": root,
      "timeout=60": `timeout=${seconds}`,
    }),
    whole: wholeApache,
    command: (folder, file) => ["/usr/sbin/apache2", "-D", "FOREGROUND", "-d", folder, "-f", file],
  },
  caddy: {
    file: "caddy/Caddyfile",
    changes: ({ port, vm, trusted, own, root, seconds }) => ({
      "console.example.com {": `https://localhost:${port} {\n\tbind 127.0.0.1`,
      "https://deploy.example.com": vm,
      "/etc/caddy/deploy.crt": trusted,
      "/etc/caddy/console.crt": own.file,
      "/etc/caddy/console.key": own.keyFile,
      "/srv/console": root,
      "response_header_timeout 60s": `response_header_timeout ${seconds}s`,
    }),
    whole: (_folder, text) => `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${text}`,
    command: (_folder, file) => ["/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", file],
  },
  squid: {
    file: "squid/squid.conf",
    changes: ({ port, vm, trusted, own, seconds }) => ({
      "https_port 443": `https_port 127.0.0.1:${port}`,
      "deploy.example.com parent 443": `127.0.0.1 parent ${new URL(vm).port}`,
      "/etc/squid/deploy.crt": trusted,
      "/etc/squid/console.crt": own.file,
      "/etc/squid/console.key": own.keyFile,
      "console.internal parent 8080": "127.0.0.1 parent 9",
      "read_timeout 60 seconds": `read_timeout ${seconds} seconds`,
    }),
    whole: wholeSquid,
    command: (_folder, file) => ["/usr/sbin/squid", "-N", "-f", file],
  },
};

/** The proxies with a configuration in the documentation. */
export const names = Object.keys(programs);

/**
 * Starts a proxy in front of the Deploy VM at the address `vm`, whose certificate the CA in the file `trusted` signed.
 * Its timeout is `seconds`. It ends with the test `t`.
 * @returns {Promise<{ origin: string, stop(): Promise<void>, start(): Promise<void> }>} by TLS, on localhost
 */
export async function proxy(t, name, { vm, trusted, own, seconds }) {
  const program = programs[name];
  const folder = await folderFor(name);
  const port = await freePort();
  const pem = join(folder, "own.pem");
  await writeFile(pem, Buffer.concat([own.cert, own.key]));
  const changes = program.changes({ vm, trusted, own, seconds, port, pem, root: join(folder, "temp") });
  const text = await shown(program.file, changes);
  return { origin: `https://localhost:${port}`, ...(await run(t, name, { folder, port, text })) };
}

/**
 * Starts nginx with a configuration of examples/nginx. Each string of `replacements` must occur in it.
 * @returns {Promise<{ origin: string, log(): Promise<string> }>} by TLS, on localhost
 */
export async function nginx(t, file, replacements) {
  const folder = await folderFor("nginx");
  const port = await freePort();
  const text = await shown(join("nginx", file), {
    "listen 443 ssl": `listen 127.0.0.1:${port} ssl`,
    ...replacements,
  });
  await run(t, "nginx", { folder, port, text });
  return { origin: `https://localhost:${port}`, log: () => readFile(join(folder, "access.log"), "utf8") };
}

async function folderFor(name) {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  await mkdir(join(folder, "temp"));
  // Apache and Squid, started by root, switch to their own users.
  await Promise.all([chmod(folder, 0o777), chmod(join(folder, "temp"), 0o777)]);
  return folder;
}

async function shown(file, changes) {
  let text = await readFile(join(recipes, file), "utf8");
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

async function run(t, name, { folder, port, text }) {
  const { whole, command } = programs[name];
  const file = join(folder, "proxy.conf");
  await writeFile(file, whole(folder, text, port));
  let current;
  const start = async () => {
    const [program, ...args] = command(folder, file);
    const env = { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
    const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (more) => {
      output = (output + more).slice(-2_000);
    });
    running.add(child);
    const ended = new Promise((resolve, reject) => child.on("close", resolve).on("error", reject)).finally(
      () => running.delete(child),
    );
    current = { child, ended };
    await Promise.race([
      listens(name, port),
      ended.then((code) => {
        throw new Error(`${name} ended with code ${code}: ${output}`);
      }),
    ]);
  };
  const stop = async () => {
    const { child, ended } = current;
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await ended;
    clearTimeout(late);
  };
  t.after(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  await start();
  return { start, stop };
}

async function listens(name, port) {
  const end = performance.now() + START_LIMIT_MS;
  while (performance.now() < end) {
    const socket = connect(port, "127.0.0.1");
    const listening = await new Promise((resolve) => {
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    });
    socket.destroy();
    if (listening) return;
    await sleep(50);
  }
  throw new Error(`${name} did not listen for ${START_LIMIT_MS / 1_000} s`);
}

function wholeNginx(folder, server) {
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

function wholeApache(folder, host, port) {
  const modules = ["mpm_event", "authz_core", "mime", "socache_shmcb", "ssl", "http2", "proxy", "proxy_http"];
  const file = (name) => `/usr/lib/apache2/modules/mod_${name}.so`;
  return `
    ${modules.map((name) => `LoadModule ${name}_module ${file(name)}`).join("\n    ")}
    Listen 127.0.0.1:${port}
    ServerName localhost
    User www-data
    Group www-data
    PidFile ${folder}/apache.pid
    DefaultRuntimeDir ${folder}
    Mutex file:${folder} default
    TypesConfig /etc/mime.types
    ErrorLog ${folder}/error.log
    ${host}`;
}

function wholeSquid(folder, text) {
  return `${text}
pid_filename ${folder}/squid.pid
cache_log ${folder}/cache.log
access_log stdio:${folder}/access.log
coredump_dir ${folder}
pinger_enable off
visible_hostname localhost
`;
}
