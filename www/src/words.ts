// The plain words for each code of the package, and for the statuses that say more than their code.

import { type DeployError, type ErrorCode, HttpError } from "ontap-select-deploy";

/** What happened, what it means, and what to do about it. */
export interface Words {
  readonly title: string;
  readonly meaning: string;
  readonly advice: string;
}

/** Every code of the package. The type makes sure that none is forgotten. */
export const words: Readonly<Record<ErrorCode, Words>> = {
  JOB_FAILED: {
    title: "The job failed",
    meaning: "Deploy worked on the job and ended it as failed.",
    advice: "Correct what the reason names, then start it again.",
  },
  WAIT_TIMEOUT: {
    title: "Waiting time is over",
    meaning: "The job had not ended within the time you set. It goes on in Deploy; its outcome is open.",
    advice: "Take it up again to go on waiting.",
  },
  JOB_GONE: {
    title: "Deploy no longer knows this job",
    meaning: "It was there and is not any more, so its outcome cannot be learned from it.",
    advice: "Look at the cluster or host itself to see what became of it.",
  },
  NOT_TRACKABLE: {
    title: "Accepted, but with no job to follow",
    meaning: "Deploy took the call on and named no job, so its progress cannot be seen.",
    advice: "Look at the cluster or host itself in a while. Do not start it a second time before that.",
  },
  HTTP: {
    title: "Deploy refused the request",
    meaning: "It answered, and the answer was no.",
    advice: "Read its reason, correct what it names and try again.",
  },
  AUTH: {
    title: "Not allowed",
    meaning: "Deploy does not accept this user’s credentials, or the user lacks the right to do this.",
    advice: "Log out, and log in with a user name and password that Deploy accepts.",
  },
  PROTOCOL: {
    title: "This is not how Deploy answers",
    meaning: "Something answered in its place, such as a proxy, a login page or another product.",
    advice: "Check the address, and what stands between this page and Deploy.",
  },
  TRANSPORT: {
    title: "No answer from Deploy",
    meaning:
      "The network, a certificate or a cross-origin rule kept the answer away; a browser does not tell which.",
    advice: "Check that Deploy is up and reachable from here.",
  },
  CLOSED: {
    title: "Logged out while waiting",
    meaning: "The connection was closed here. The job goes on in Deploy.",
    advice: "Log in, and follow the job by its id.",
  },
  BAD_TOKEN: {
    title: "This bookmark is of no use here",
    meaning: "It is damaged, or was made for another Deploy.",
    advice: "Follow the job by its id.",
  },
  UNSUPPORTED: {
    title: "This browser cannot run the console",
    meaning: "It has no WebAssembly, or refuses it. Nothing was sent.",
    advice: "Use another browser, or switch its mode of higher security off for this page.",
  },
  INTERNAL: {
    title: "A fault in this console",
    meaning: "Its own engine failed, so the outcome is not known. Deploy is not to blame.",
    advice: "Try again: the engine starts afresh.",
  },
};

/** What a status tells beyond its code. */
export function byStatus(error: DeployError): Partial<Words> {
  if (!(error instanceof HttpError)) return {};
  const { status } = error;
  if (status === 401) {
    return {
      title: "Deploy no longer accepts the password",
      meaning:
        "It accepted user name and password before and does not now: the password was changed, perhaps.",
      advice: "Log in again, with the new one.",
    };
  }
  if (status === 403) {
    return {
      title: "This user may not do this",
      meaning: "Deploy knows the user, who lacks the right.",
      advice: "Log in as a user who has it, or have it given to this one.",
    };
  }
  if (status === 404) {
    return {
      title: "Deploy does not know this (status 404)",
      meaning: "There is nothing by this name or id, or there no longer is.",
      advice: "Check the name or id.",
    };
  }
  if (status === 409) {
    return {
      title: "In conflict with what is there (status 409)",
      meaning: "Deploy cannot do it as things are now, such as while another job works on the same cluster.",
      advice: "Wait for that, or change what is asked for.",
    };
  }
  if (status >= 500) {
    return {
      title: `Deploy is in trouble (status ${status})`,
      meaning: "It, or a proxy before it, could not answer properly.",
      advice: "Try again in a while.",
    };
  }
  return { title: `Deploy refused the request (status ${status})` };
}
