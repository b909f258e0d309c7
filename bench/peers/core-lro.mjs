// `@azure/core-lro` over plain `fetch`. A poller is built as its documentation says, of a first request and a poll; Deploy's answers
// are put into Azure's words: the state as `status`, the next poll's address as `operation-location`.

import { createHttpPoller } from "@azure/core-lro";
import { outcome, pollLimit, pollPath, requestJson } from "./deploy.mjs";

export const title = "@azure/core-lro";

const STATUS = { success: "Succeeded", failure: "Failed" };

export const create = (options) =>
  createWith(options, (path, init, limit) => requestJson(options, path, init, limit));

/** A client that polls by `core-lro` and sends by `request(path, init, limit)`, which gives an answer's JSON. */
export function createWith(options, request) {
  return {
    async run(body, { signal, onProgress } = {}) {
      let job;
      const told = (method, answer) => {
        job = { ...job, ...(answer.job ?? answer.record) };
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
          sendInitialRequest: async () => told("POST", await request("/hosts", call, 30_000)),
          sendPollRequest: async (path, { abortSignal } = {}) =>
            told("GET", await request(path, { method: "GET", signal: abortSignal }, pollLimit(options))),
        },
        // The server does the waiting. The result is what the last poll said: there is no resource to get.
        { intervalInMs: 0, skipFinalGet: true },
      );
      if (onProgress) poller.onProgress(() => onProgress(job));
      await poller.pollUntilDone({ abortSignal: signal });
      return outcome(job);
    },
  };
}
