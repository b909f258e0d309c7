// A small client for the wire tests that sends exactly the bytes that real programs send.

import { Agent, request as plainRequest } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { listen } from "./listen.mjs";
import { createSimulator } from "./machine.mjs";

/**
 * @import { Config, Simulator, SimulatorOptions } from "./types.d.ts"
 * @import { TestContext } from "node:test"
 */

/**
 * @typedef {object} Content
 * @property {unknown} [json] sent as JSON
 * @property {string} [text] sent as it is
 * @property {Record<string, string>} [form] sent as multipart/form-data
 * @property {Record<string, string>} [headers]
 */

/**
 * @typedef {object} Received
 * @property {number} status
 * @property {Record<string, string | string[] | undefined>} headers
 * @property {string | undefined} location
 * @property {Buffer} bytes
 * @property {any} json the body as JSON; undefined if it is not JSON
 */

const BOUNDARY = "----a-form-of-its-own";

export class WireClient {
  #server;
  #agent;
  #challenged;

  /**
   * @param {{ url: string, cert?: string | undefined }} server
   * @param {{ challenged?: boolean }} [options] `challenged`: sends every call without credentials first, like Ansible
   *   and PowerShell, and again after the 401
   */
  constructor(server, { challenged = false } = {}) {
    this.#server = server;
    this.#challenged = challenged;
    this.#agent = server.cert ? new SecureAgent({ ca: server.cert }) : new Agent();
  }

  /**
   * @param {string} method
   * @param {string} target the raw path and query, or a whole address
   * @param {Content} [content]
   * @returns {Promise<Received>}
   */
  async send(method, target, content = {}) {
    if (this.#challenged) {
      const { status, headers } = await this.#once(method, target, content, {});
      const asks = /^Basic\b/.test(String(headers["www-authenticate"]));
      if (status !== 401 || !asks) throw new Error(`no challenge: ${status}`);
    }
    const authorization = `Basic ${Buffer.from("admin:Netapp1!").toString("base64")}`;
    return this.#once(method, target, content, { authorization });
  }

  /**
   * @param {string} method
   * @param {string} target
   * @param {Content} content
   * @param {Record<string, string>} credential
   * @returns {Promise<Received>}
   */
  #once(method, target, content, credential) {
    const base = new URL(this.#server.url);
    const own = target.startsWith("/");
    const path = own ? target.replaceAll(" ", "%20") : target.slice(new URL(target).origin.length);
    const { body, type } = written(content);
    const headers = {
      ...(type && { "content-type": type }),
      ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }),
      ...credential,
      ...content.headers,
    };
    const { hostname, port } = own ? base : new URL(target);
    const send = this.#server.cert ? secureRequest : plainRequest;
    return new Promise((resolve, reject) => {
      const call = send({ hostname, port, path, method, headers, agent: this.#agent }, (answer) => {
        /** @type {Buffer[]} */
        const pieces = [];
        answer.on("data", (piece) => pieces.push(piece));
        answer.on("error", reject);
        answer.on("end", () => {
          const bytes = Buffer.concat(pieces);
          const { statusCode = 0, headers: received } = answer;
          const isJson = received["content-type"] === "application/json";
          const json = isJson ? JSON.parse(bytes.toString()) : undefined;
          resolve({ status: statusCode, headers: received, location: received.location, bytes, json });
        });
      });
      call.on("error", reject);
      call.end(body);
    });
  }
}

/** @param {Content} content */
function written({ json, text, form }) {
  if (form) {
    const parts = Object.entries(form).map(([name, value]) => {
      const file = name === "license_file" ? '; filename="license.txt"\r\nContent-Type: text/plain' : "";
      return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`;
    });
    return {
      body: `${parts.join("")}--${BOUNDARY}--\r\n`,
      type: `multipart/form-data; boundary=${BOUNDARY}`,
    };
  }
  if (json !== undefined) return { body: JSON.stringify(json), type: "application/json" };
  return { body: text, type: undefined };
}

/**
 * A simulated Deploy over https, and a client for it. It rejects members of a body that no VM is known to accept.
 *
 * @param {TestContext} t
 * @param {Config} [config]
 * @param {SimulatorOptions & { challenged?: boolean }} [options]
 */
export async function overTheWire(t, config = {}, { challenged = false, ...options } = {}) {
  /** @type {Simulator} */
  const deploy = createSimulator({ stepMs: 1, refuseUnknownMembers: true, ...config }, options);
  const server = await listen(deploy, { tls: await identity() });
  t.after(async () => {
    await server.close();
    deploy.close();
  });
  return { deploy, server, client: new WireClient(server, { challenged }) };
}

/** @type {Promise<{ key: string, cert: string }> | undefined} */
let made;

/** One certificate for all tests of a file, because creating it is slow. */
async function identity() {
  const { selfSigned } = await import("./self-signed.mjs");
  made ??= selfSigned("127.0.0.1");
  return made;
}

/** The last segment of an address. */
export const idIn = (/** @type {string | undefined} */ location) => location?.split("/").at(-1) ?? "";
