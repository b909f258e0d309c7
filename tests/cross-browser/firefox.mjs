// Firefox, which supports WebDriver BiDi without a driver.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bidi } from "./bidi.mjs";
import { makeFolder, remove, start } from "./programs.mjs";

const { FIREFOX = "/usr/bin/firefox-esr" } = process.env;

/** @type {import("./engines.d.ts").Engine} */
export const firefox = {
  name: "Firefox",
  async launch({ dark = false, storesNothing = false, prepare } = {}) {
    const profile = await makeFolder("firefox");
    // The color scheme for pages: 0 is dark, 1 is light.
    const scheme = `user_pref("layout.css.prefers-color-scheme.content-override", ${dark ? 0 : 1});\n`;
    // Blocks all cookies and site data.
    const cookies = storesNothing ? 'user_pref("network.cookie.cookieBehavior", 2);\n' : "";
    // Sends a certificate of the profile without a dialog.
    const certificate = 'user_pref("security.default_personal_cert", "Select Automatically");\n';
    await writeFile(join(profile, "user.js"), scheme + cookies + certificate);
    await prepare?.(profile);
    const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
    // The crash reporter would outlive Firefox.
    const program = start(FIREFOX, args, { MOZ_CRASHREPORTER_DISABLE: "1" });
    const end = async () => {
      await program.end();
      remove(profile);
    };
    try {
      const address = await program.output(/WebDriver BiDi listening on (ws:\S+)/);
      const send = await bidi(`${address}/session`);
      await send("session.new", { capabilities: {} });
      return { open: (url) => openTab(send, url), close: end };
    } catch (error) {
      await end();
      throw error;
    }
  },
};

/** @returns {Promise<import("./engines.d.ts").Tab>} */
async function openTab(send, url) {
  const { context } = await send("browsingContext.create", { type: "tab" });
  await send("browsingContext.navigate", { context, url, wait: "complete" });
  return {
    async evaluate(run, ...args) {
      // JSON is simpler than the protocol's own format for values.
      const expression = `Promise.resolve((${run})(...${JSON.stringify(args)})).then(JSON.stringify)`;
      const { result, exceptionDetails } = await send("script.evaluate", {
        expression,
        target: { context },
        awaitPromise: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return result.value && JSON.parse(result.value);
    },
    resize: (width, height) => send("browsingContext.setViewport", { context, viewport: { width, height } }),
    async screenshot() {
      const { data } = await send("browsingContext.captureScreenshot", { context });
      return Buffer.from(data, "base64");
    },
    close: () => send("browsingContext.close", { context }),
  };
}
