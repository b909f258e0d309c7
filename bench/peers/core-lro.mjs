// `@azure/core-lro` over plain `fetch`. A poller has a first request and a poll, as its documentation shows. Deploy's responses are
// translated into Azure's: the state is `status`, and the address of the next poll is `operation-location`.

import { createHttpPoller } from "@azure/core-lro";
import { outcome, pollLimit, pollPath, requestJson } from "./deploy.mjs";

export const title = "@azure/core-lro";

const STATUS = { success: "Succeeded", failure: "Failed" };

export const create = (options) =>
  createWith(options, (path, init, limit) => requestJson(options, path, init, limit));

/** A client that polls by `core-lro`. `request(path, init, limit)` sends a request and returns the JSON of the response. */
export function createWith(options, request) {
  return {
    async run(body, { signal, onProgress } = {}) {
      let job;
      const translated = (method, response) => {
        job = { ...job, ...(response.job ?? response.record) };
        const rawResponse = {
          request: { method, url: options.baseUrl },
          statusCode: method === "POST" ? 202 : 200,
          headers: { "operation-location": pollPath(job, options) },
          body: { status: STATUS[job.state] ?? "Running", error: { code: "", message: job.message } },
        };
        return { flatResponse: job, rawResponse };
      };
      const call = { method: "POST", body: JSON.stringify(body), signal };
      const poller = createHttpPoller(
        {
          sendInitialRequest: async () => translated("POST", await request("/hosts", call, 30_000)),
          sendPollRequest: async (path, { abortSignal } = {}) =>
            translated(
              "GET",
              await request(path, { method: "GET", signal: abortSignal }, pollLimit(options)),
            ),
        },
        // The server waits. The result is the last poll's: there is no resource to get.
        { intervalInMs: 0, skipFinalGet: true },
      );
      if (onProgress) poller.onProgress(() => onProgress(job));
      await poller.pollUntilDone({ abortSignal: signal });
      return outcome(job);
    },
  };
}
