// The server and the clients of a measurement, each in a process of its own.

import { fork } from "node:child_process";
import { once } from "node:events";

/** A process that answers calls by name: `await process.call("counts")`. */
export async function startServer(file, options = {}) {
  const child = fork(file, { ...options, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const waiting = new Map();
  let last = 0;
  const [{ port }] = await once(child, "message");
  child.on("message", ({ id, value }) => {
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    call(name, value) {
      last += 1;
      child.send({ id: last, name, value });
      return new Promise((resolve) => waiting.set(last, resolve));
    },
    async stop() {
      if (child.exitCode === null) {
        child.disconnect();
        await once(child, "exit");
      }
    },
  };
}

/**
 * Runs a client with its task in a new process until it sends `{ result }`. `asked` responds to its other messages. `before` runs
 * after the result and before the process ends. Returns undefined if the client breaks or takes longer than `limitMs`.
 */
export async function runClient(
  file,
  task,
  { execArgv = [], limitMs = 600_000, asked = () => {}, before = () => {} } = {},
) {
  const child = fork(file, { execArgv, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = once(child, "exit");
  const result = await new Promise((resolve) => {
    const limit = setTimeout(resolve, limitMs);
    const settle = (value) => {
      clearTimeout(limit);
      resolve(value);
    };
    ended.then(() => settle(undefined));
    child.on("message", async (message) => {
      if ("result" in message) return settle(message.result);
      const answer = await asked(message);
      if (child.connected) child.send(answer ?? {});
    });
    child.send(task);
  });
  await before();
  child.kill("SIGKILL");
  await ended;
  return result;
}
