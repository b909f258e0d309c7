// `@azure/core-lro` over `@azure/core-rest-pipeline`, whose policies retry and follow `Retry-After`. One policy more, of the library's
// own kind, retries the statuses that the default policies do not.

import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  retryPolicy,
} from "@azure/core-rest-pipeline";
import { createWith } from "./core-lro.mjs";
import { headersFor } from "./deploy.mjs";

export const title = "@azure/core-lro + core-rest-pipeline";

export function create(options) {
  const { limit: maxRetries, minMs: retryDelayInMs, maxMs: maxRetryDelayInMs } = options.retry ?? {};
  const retryOptions = options.retry && { maxRetries, retryDelayInMs, maxRetryDelayInMs };
  const pipeline = createPipelineFromOptions({ retryOptions });
  if (options.retry) {
    const retry = ({ retryCount, response }) =>
      [409, 421, 423, 425].includes(response?.status)
        ? { retryAfterInMs: Math.min(retryDelayInMs * 2 ** retryCount, maxRetryDelayInMs) }
        : { skipStrategy: true };
    const policy = { ...retryPolicy([{ name: "passing", retry }], { maxRetries }), name: "passing" };
    pipeline.addPolicy(policy, { phase: "Retry" });
  }
  const client = options.httpClient ?? createDefaultHttpClient();
  return createWith(options, async (path, { method, body, signal }, timeout) => {
    const request = createPipelineRequest({
      url: options.baseUrl + path,
      method,
      body,
      timeout,
      abortSignal: signal,
      headers: createHttpHeaders(await headersFor(options)),
      // The library refuses plain http otherwise.
      allowInsecureConnection: true,
    });
    const response = await pipeline.sendRequest(client, request);
    if (response.status >= 300) throw new Error(`HTTP ${response.status}`);
    return JSON.parse(response.bodyAsText);
  });
}
