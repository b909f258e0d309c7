// `@azure/core-lro` over `@azure/core-rest-pipeline`, whose policies try again and honour `Retry-After`.

import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import { createWith } from "./core-lro.mjs";
import { headersFor } from "./deploy.mjs";

export const title = "@azure/core-lro + core-rest-pipeline";

export function create(options) {
  const { limit: maxRetries, minMs: retryDelayInMs, maxMs: maxRetryDelayInMs } = options.retry ?? {};
  const retryOptions = options.retry && { maxRetries, retryDelayInMs, maxRetryDelayInMs };
  const pipeline = createPipelineFromOptions({ retryOptions });
  const client = options.httpClient ?? createDefaultHttpClient();
  return createWith(options, async (path, { method, body, signal }, timeout) => {
    const request = createPipelineRequest({
      url: options.baseUrl + path,
      method,
      body,
      timeout,
      abortSignal: signal,
      headers: createHttpHeaders(await headersFor(options)),
      // It refuses plain http otherwise; the server of this measurement is on this machine.
      allowInsecureConnection: true,
    });
    const response = await pipeline.sendRequest(client, request);
    if (response.status >= 300) throw new Error(`HTTP ${response.status}`);
    return JSON.parse(response.bodyAsText);
  });
}
