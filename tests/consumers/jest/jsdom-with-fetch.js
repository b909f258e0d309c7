// jsdom has no fetch, so this environment adds Node's, as jest-fixed-jsdom does. Node's fetch accepts only Node's
// signals. The engine needs TextEncoder and TextDecoder, and the simulator's fetch needs Request and Response.

const { TestEnvironment } = require("jest-environment-jsdom");

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    const globals = {
      ...{ fetch, Headers, Request, Response, AbortController, AbortSignal },
      ...{ TextDecoder, TextEncoder },
    };
    Object.assign(this.global, globals);
  }
};
