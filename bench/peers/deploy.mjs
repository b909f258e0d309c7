// The code that a user writes around every library. All peers except the package share it, so that they differ in the library alone.

/** The headers of a request. `status` is 401 if the server refused the last credential. */
export async function headersFor({ authorization }, status) {
  const value = typeof authorization === "function" ? await authorization(status) : authorization;
  return { authorization: value, accept: "application/json", "content-type": "application/json" };
}

/** The path of the next long poll, in the form of NetApp's sample. */
export function pollPath({ id, last_modified }, { pollSeconds }) {
  const cursor = encodeURIComponent(`>=${last_modified}`);
  return `/jobs/${encodeURIComponent(id)}?fields=state,message,last_modified&poll_timeout=${pollSeconds}&last_modified=${cursor}`;
}

/** How long a poll may take before it counts as dead. */
export const pollLimit = ({ pollSeconds }) => (pollSeconds + 10) * 1_000;

/** Statuses after which the next attempt may succeed. */
export const isTransient = (status) =>
  TRANSIENT.includes(status) || (status >= 500 && status !== 501 && status !== 505);
export const TRANSIENT = [408, 409, 421, 423, 425, 429, 500, 502, 503, 504, 511, 520, 521, 522, 523, 524];

export const isOver = ({ state }) => state === "success" || state === "failure";

/** The last record, or an error if the job failed. */
export function outcome(record) {
  if (record.state === "failure") throw new Error(record.message || "the job failed");
  return record;
}

/**
 * One request by `fetch`, with a check of the status. It ends after `limit` milliseconds, or by the caller's signal. It follows no
 * redirect.
 *
 * @throws Error with `status`, if the server refuses the request
 */
export async function requestJson(options, path, init, limit = 30_000) {
  const timeout = AbortSignal.timeout(limit);
  const response = await fetch(options.baseUrl + path, {
    ...init,
    headers: await headersFor(options),
    redirect: "error",
    signal: init.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
  });
  if (!response.ok) throw Object.assign(new Error(`HTTP ${response.status}`), { status: response.status });
  return response.json();
}

/** Sends the call that starts the job. Returns the job of the response. */
export async function start(options, body, signal) {
  return (await requestJson(options, "/hosts", { method: "POST", body: JSON.stringify(body), signal })).job;
}

/** Sends one long poll. Returns the job with the members of the response. */
export async function poll(options, job, signal) {
  const { record } = await requestJson(options, pollPath(job, options), { signal }, pollLimit(options));
  return { ...job, ...record };
}
