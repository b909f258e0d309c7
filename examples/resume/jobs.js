import { BadTokenError, JobFailedError, JobGoneError } from "ontap-select-deploy";

const KEY = "deploy-job";

/** Sends a call and stores its job for the next page. */
export async function begin(deploy, method, path, body) {
  const handle = await deploy.submit(method, path, { body });
  if (handle.id !== undefined) sessionStorage.setItem(KEY, handle.serialize());
  return handle;
}

/** Returns the job that an earlier page stored, if any. */
export function storedJob(deploy) {
  const token = sessionStorage.getItem(KEY);
  if (token === null) return undefined;
  try {
    return deploy.resume(token);
  } catch (error) {
    if (!(error instanceof BadTokenError)) throw error;
    sessionStorage.removeItem(KEY); // corrupted, or from another server
    return undefined;
  }
}

/** Follows a job to its end. Keeps the token while the outcome is unknown. */
export async function follow(handle, options) {
  try {
    const job = await handle.result(options);
    sessionStorage.removeItem(KEY);
    return job;
  } catch (error) {
    if (error instanceof JobFailedError || error instanceof JobGoneError) sessionStorage.removeItem(KEY);
    throw error;
  }
}
