// wait: waits for an existing job.

import type { DeployClient, JobHandle } from "../../js/index.js";
import type { Arguments } from "../arguments.js";
import { json } from "../print.js";
import { inSession, readConnection, type Session } from "../session.js";
import { readOne } from "../values.js";

export async function wait(asked: Arguments): Promise<number> {
  const job = readOne(
    asked.words,
    "wait: expected a job's id or a token",
    "wait: expected one job's id or token, not several",
  );
  return inSession(readConnection(asked), { what: "waiting", changing: false }, async (session) =>
    followed(session, openJob(session.client, job)),
  );
}

/** Waits for the job and returns the output. */
export async function followed(session: Session, handle: JobHandle): Promise<string> {
  session.handle = handle;
  const job = await handle.result({ ...session.limit(), onProgress: session.progress.onProgress });
  return json({ ...handle.response, job });
}

function openJob(client: DeployClient, job: string): JobHandle {
  return isToken(client, job) ? client.resume(job) : client.job(job);
}

/** Whether this is a token of any version: the letters of all tokens, a number and a colon. */
function isToken(client: DeployClient, job: string): boolean {
  const letters = client.job("any").serialize().split(/\d/, 1).join();
  return job.startsWith(letters) && /^\d+:/.test(job.slice(letters.length));
}
