import { BadTokenError, JobFailedError, JobGoneError } from "ontap-select-deploy";

const KEY = "deploy-job";

/** Issues a call, and notes its job for a page that comes after this one. */
export async function begin(deploy, method, path, body) {
  const handle = await deploy.submit(method, path, { body });
  if (handle.id !== undefined) sessionStorage.setItem(KEY, handle.serialize());
  return handle;
}

/** The job that an earlier page has left, if there is one. */
export function left(deploy) {
  const token = sessionStorage.getItem(KEY);
  if (token === null) return undefined;
  try {
    return deploy.resume(token);
  } catch (error) {
    if (!(error instanceof BadTokenError)) throw error;
    sessionStorage.removeItem(KEY); // of another server, or damaged
    return undefined;
  }
}

/** Follows a job to its end. The note goes once there is nothing more to learn, not when the network fails. */
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
