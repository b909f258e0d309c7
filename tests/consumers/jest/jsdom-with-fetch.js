// jsdom has neither fetch nor what goes with it. Node's are lent to it, as jest-fixed-jsdom does: fetch
// takes no other signal than Node's, and the engine reads and writes text with the coders.

const { TestEnvironment } = require("jest-environment-jsdom");

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    const lent = { fetch, Headers, AbortController, AbortSignal, TextDecoder, TextEncoder };
    Object.assign(this.global, lent);
  }
};
