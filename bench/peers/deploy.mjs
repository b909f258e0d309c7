// What everybody who follows a Deploy job writes, whatever he polls with: shared by all peers but the package itself,
// so that they differ in nothing but the library.

/** The `Authorization` of a request; `status` is 401 when the last one was refused. */
export async function headersFor({ authorization }, status) {
  const value = typeof authorization === "function" ? await authorization(status) : authorization;
  return { authorization: value, accept: "application/json", "content-type": "application/json" };
}

/** Where the job's next change is waited for, in the form of NetApp's sample. */
export function pollPath({ id, last_modified }, { pollSeconds }) {
  const cursor = encodeURIComponent(`>=${last_modified}`);
  return `/jobs/${encodeURIComponent(id)}?fields=state,message,last_modified&poll_timeout=${pollSeconds}&last_modified=${cursor}`;
}

/** How long a poll may take before it counts as dead. */
export const pollLimit = ({ pollSeconds }) => (pollSeconds + 10) * 1_000;

export const isOver = ({ state }) => state === "success" || state === "failure";

/** The last record, or an error if the job failed. */
export function outcome(record) {
  if (record.state === "failure") throw new Error(record.message || "the job failed");
  return record;
}

/**
 * One request by `fetch`: its status is checked, it ends by itself after `limit` milliseconds, and by the caller's signal.
 * The error of a refusal has its `status`.
 */
export async function requestJson(options, path, init, limit = 30_000) {
  const timeout = AbortSignal.timeout(limit);
  const response = await fetch(options.baseUrl + path, {
    ...init,
    headers: await headersFor(options),
    signal: init.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
  });
  if (!response.ok) throw Object.assign(new Error(`HTTP ${response.status}`), { status: response.status });
  return response.json();
}

/** The call that becomes a job; what the server said of the job. */
export async function start(options, body, signal) {
  return (await requestJson(options, "/hosts", { method: "POST", body: JSON.stringify(body), signal })).job;
}

/** One long poll; the job as it is known after it. */
export async function poll(options, job, signal) {
  const { record } = await requestJson(options, pollPath(job, options), { signal }, pollLimit(options));
  return { ...job, ...record };
}
