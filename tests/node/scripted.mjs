// A real HTTP server with the test's own responses, for behavior that Deploy never shows.

import { once } from "node:events";
import { createServer } from "node:http";
import { DeployClient } from "ontap-select-deploy";

/**
 * Responds to each request with the next of `answers`: `{ status, headers, body }`, or a function that gets the request
 * and the response. The last one serves all further requests. Ends with the test `t`.
 */
export async function scripted(t, ...answers) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: Buffer.concat(chunks),
      closed: new Promise((resolve) => response.once("close", resolve)),
    });
    server.emit("noted");
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (typeof answer === "function") return answer(request, response);
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(
      answer.body === undefined || typeof answer.body === "string"
        ? answer.body
        : JSON.stringify(answer.body),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  t.after(close);
  const baseUrl = `http://127.0.0.1:${server.address().port}/api`;
  return {
    baseUrl,
    requests,
    client: (options) => new DeployClient({ baseUrl, ...options }),
    /** Resolves when this many requests have arrived. */
    async received(count) {
      while (requests.length < count) await once(server, "noted");
      return requests[count - 1];
    },
    close,
  };
}

export const accepted = (id = "j", stamp = "2019-04-04T15:41:29.140265Z") => ({
  status: 202,
  body: { job: { id, state: "queued", message: "", last_modified: stamp } },
});

export const record = (state, message = "", stamp = `${state}-${message}`) => ({
  body: { record: { id: "j", state, message, last_modified: stamp } },
});

/** Never responds. */
export const hang = () => {};

/** The error that a promise rejects with. */
export async function rejection(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, not ${JSON.stringify(value)}`);
}
