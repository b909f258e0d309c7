// jsdom has neither fetch nor what goes with it. Node's are lent to it, as jest-fixed-jsdom does: fetch
// takes no other signal than Node's, and the engine reads and writes text with the coders. The simulator's
// own fetch makes what it is given a Request, and answers with a Response.

const { TestEnvironment } = require("jest-environment-jsdom");

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    const lent = {
      ...{ fetch, Headers, Request, Response, AbortController, AbortSignal },
      ...{ TextDecoder, TextEncoder },
    };
    Object.assign(this.global, lent);
  }
};
