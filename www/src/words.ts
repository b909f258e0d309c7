// The words for each error code of the package, and for some HTTP statuses.

import { type DeployError, type ErrorCode, HttpError } from "ontap-select-deploy";

/** What happened, what it means, and what to do. */
export interface Words {
  readonly title: string;
  readonly meaning: string;
  readonly advice: string;
}

/** One entry for every error code of the package. */
export const words: Readonly<Record<ErrorCode, Words>> = {
  JOB_FAILED: {
    title: "The job failed",
    meaning: "Deploy started the job but could not complete it.",
    advice: "Correct the cause that Deploy reports, then start the job again.",
  },
  WAIT_TIMEOUT: {
    title: "Timed out",
    meaning: "The job did not finish within the timeout. It continues in Deploy and may still succeed.",
    advice: "Press “Follow again” to wait longer.",
  },
  JOB_GONE: {
    title: "Deploy no longer has this job",
    meaning: "Deploy removed the job’s record, so the outcome is unknown.",
    advice: "Check the state of the cluster or host.",
  },
  NOT_TRACKABLE: {
    title: "Accepted without a job",
    meaning: "Deploy accepted the request but named no job, so the console cannot follow it.",
    advice: "Check the cluster or host after a few minutes. Do not start it again before that.",
  },
  HTTP: {
    title: "Deploy rejected the request",
    meaning: "Deploy responded with an error status.",
    advice: "Correct the cause that Deploy reports, then try again.",
  },
  AUTH: {
    title: "Not allowed",
    meaning: "Deploy rejected the credentials, or the user lacks permission.",
    advice: "Log out, then log in with a user name and password that Deploy accepts.",
  },
  PROTOCOL: {
    title: "Unexpected response",
    meaning:
      "The response does not look like Deploy’s. A proxy, a login page or another product may have sent it.",
    advice: "Check the address, and any proxy between this page and Deploy.",
  },
  TRANSPORT: {
    title: "No response from Deploy",
    meaning:
      "A network error, a certificate or a cross-origin (CORS) rule blocked it. The browser does not say which.",
    advice: "Check that Deploy is running and reachable from this device.",
  },
  CLOSED: {
    title: "Logged out while waiting",
    meaning: "The console closed its connection. The job continues in Deploy.",
    advice: "Log in and follow the job by its id.",
  },
  BAD_TOKEN: {
    title: "Invalid token",
    meaning: "The token is corrupted, or belongs to another Deploy.",
    advice: "Follow the job by its id.",
  },
  UNSUPPORTED: {
    title: "This browser cannot run the console",
    meaning: "WebAssembly is missing or blocked. Nothing was sent.",
    advice: "Use another browser, or turn off its enhanced security mode for this page.",
  },
  INTERNAL: {
    title: "Bug in this console",
    meaning: "The console’s engine failed, so the outcome is unknown. Deploy is not the cause.",
    advice: "Try again. The console starts a new engine.",
  },
};

/** More specific words for some HTTP statuses. */
export function byStatus(error: DeployError): Partial<Words> {
  if (!(error instanceof HttpError)) return {};
  const { status } = error;
  if (status === 401) {
    return {
      title: "Deploy no longer accepts the password",
      meaning: "Deploy accepted it before. Somebody may have changed it.",
      advice: "Log in again with the new password.",
    };
  }
  if (status === 403) {
    return {
      title: "Permission denied",
      meaning: "This user does not have permission for the request.",
      advice: "Log in as another user, or ask an administrator for permission.",
    };
  }
  if (status === 404) {
    return {
      title: "Not found (status 404)",
      meaning: "Deploy has no object with this name or id.",
      advice: "Check the name or id.",
    };
  }
  if (status === 409) {
    return {
      title: "Conflict (status 409)",
      meaning:
        "Deploy cannot do this in its current state, for example while another job runs on the same cluster.",
      advice: "Wait for the other job, or change the request.",
    };
  }
  if (status >= 500) {
    return {
      title: `Deploy server error (status ${status})`,
      meaning: "Deploy, or a proxy in front of it, could not process the request.",
      advice: "Try again later.",
    };
  }
  return { title: `Deploy rejected the request (status ${status})` };
}
