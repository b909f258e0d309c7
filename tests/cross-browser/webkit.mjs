// WebKitGTK's MiniBrowser through its driver, with the W3C protocol WebDriver: JSON over HTTP.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../lib/free-port.mjs";
import { makeFolder, remove, start } from "./programs.mjs";

const { WEBKIT_DRIVER = "/usr/bin/WebKitWebDriver", XVFB = "/usr/bin/Xvfb" } = process.env;

// Without this the toolbar would keep the window wider than a phone.
const NARROW = "* { min-width: 0; padding: 0; margin: 0; }";

/** @type {import("./engines.d.ts").Engine} */
export const webkit = {
  name: "WebKitGTK",
  async launch({ dark = false } = {}) {
    const home = await makeFolder("webkit");
    await mkdir(join(home, "gtk-3.0"));
    await writeFile(join(home, "gtk-3.0/gtk.css"), NARROW);
    // There is no headless mode, so it runs on a virtual screen. It ends with the screen.
    const screen = start(XVFB, ["-displayfd", "3", "-screen", "0", "1280x2560x24", "-nolisten", "tcp"]);
    let driver;
    const end = async () => {
      await screen.end();
      await driver?.end();
      remove(home);
    };
    try {
      const port = await freePort();
      driver = start(WEBKIT_DRIVER, [`--port=${port}`], {
        DISPLAY: `:${await screen.output(/^(\d+)\n/)}`,
        GDK_BACKEND: "x11",
        GTK_THEME: dark ? "Adwaita:dark" : "Adwaita",
        GSETTINGS_BACKEND: "memory",
        XDG_CONFIG_HOME: home,
        XDG_CACHE_HOME: home,
        XDG_DATA_HOME: home,
      });
      const send = await session(driver, `http://127.0.0.1:${port}`);
      return { open: await opener(send), close: end };
    } catch (error) {
      await end();
      throw error;
    }
  },
};

async function session(driver, root) {
  await listening(driver, root);
  const { sessionId } = await command(root, "POST", "/session", { capabilities: {} });
  const send = (method, path, body) => command(`${root}/session/${sessionId}`, method, path, body);
  // The test runner sets the real limit.
  await send("POST", "/timeouts", { script: 3_600_000 });
  return send;
}

async function opener(send) {
  const newTab = async () => {
    // A new tab must be opened from an existing one. The current tab may have been closed.
    const [handle] = await send("GET", "/window/handles");
    await send("POST", "/window", { handle });
    return (await send("POST", "/window/new", { type: "tab" })).handle;
  };
  // The browser starts with one tab and ends with its last one, so one spare tab stays open.
  let spare = await send("GET", "/window");
  return async (url) => {
    const handle = spare ?? (await newTab());
    spare = undefined;
    const tab = tabOf(send, handle);
    await tab.load(url);
    const close = async () => {
      const left = await send("GET", "/window/handles");
      if (left.length === 1) spare = await newTab();
      await tab.send("DELETE", "/window");
    };
    return { ...tab, close };
  };
}

function tabOf(sendToCurrent, handle) {
  const send = async (method, path, body) => {
    await sendToCurrent("POST", "/window", { handle });
    return sendToCurrent(method, path, body);
  };
  return {
    send,
    async load(url) {
      await send("POST", "/url", { url });
      // On a busy machine the driver responds before the page has loaded, so this polls the page. A poll may fail while
      // the page changes.
      const script = "return location.href + document.readyState";
      const loaded = `${new URL(url).href}complete`;
      const state = () => send("POST", "/execute/sync", { script, args: [] }).catch(() => {});
      while ((await Promise.race([state(), setTimeout(1_000)])) !== loaded) await setTimeout(20);
    },
    async evaluate(run, ...args) {
      const script = `const done = arguments[0];
        Promise.resolve((${run})(...${JSON.stringify(args)})).then(
          (value) => done({ value }),
          (error) => done({ error: String(error) }),
        );`;
      const { value, error } = await send("POST", "/execute/async", { script, args: [] });
      if (error) throw new Error(error);
      return value;
    },
    resize: (width, height) => send("POST", "/window/rect", { width, height }),
    screenshot: async () => Buffer.from(await send("GET", "/screenshot"), "base64"),
  };
}

async function command(base, method, path, body) {
  const response = await fetch(base + path, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
  return value;
}

// The driver does not report when it is ready.
async function listening(driver, root) {
  const gone = driver.output(/(?!)/);
  for (;;) {
    const response = await Promise.race([fetch(`${root}/status`).catch(() => undefined), gone]);
    if (response?.ok) break;
    await setTimeout(20);
  }
  gone.catch(() => {});
}
