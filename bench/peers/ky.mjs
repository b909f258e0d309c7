// `ky` for each request: its retries with `Retry-After`, its timeout, no redirects, and a new credential after a 401 by the hook that
// its documentation shows. The loop is written by hand.

import ky from "ky";
import { headersFor, isOver, outcome, pollLimit, pollPath, TRANSIENT } from "./deploy.mjs";

export const title = "ky";

export function create(options) {
  const { limit, maxMs: backoffLimit, maxRetryAfterMs: maxRetryAfter } = options.retry ?? {};
  const api = ky.create({
    prefix: options.baseUrl,
    redirect: "manual",
    retry: options.retry
      ? { limit, backoffLimit, maxRetryAfter, statusCodes: TRANSIENT, retryOnTimeout: true }
      : undefined,
    hooks: { beforeRequest: [authorize], afterResponse: [renew] },
  });

  async function authorize({ request }) {
    for (const [name, value] of Object.entries(await headersFor(options))) request.headers.set(name, value);
  }

  async function renew({ request, response, retryCount }) {
    if (response.status !== 401 || retryCount > 0) return undefined;
    const headers = new Headers(request.headers);
    headers.set("authorization", (await headersFor(options, 401)).authorization);
    return ky.retry({ request: new Request(request, { headers }), code: "TOKEN_REFRESHED" });
  }

  return {
    async run(body, { signal, onProgress } = {}) {
      let { job } = await api.post("hosts", { json: body, signal }).json();
      while (!isOver(job)) {
        const path = pollPath(job, options).slice(1);
        const { record } = await api.get(path, { signal, timeout: pollLimit(options) }).json();
        job = { ...job, ...record };
        onProgress?.(job);
      }
      return outcome(job);
    },
  };
}
