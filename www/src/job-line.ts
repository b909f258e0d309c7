// The connection state of one job, in words.

import type { CredentialStore } from "./credential-store.js";
import type { LineOf } from "./detail.js";
import type { Health } from "./health.js";
import { seconds } from "./time.js";
import type { Watch } from "./watch.js";

const soon = 500;

export function lines(health: Health, credentials: CredentialStore): LineOf {
  return (watch, at) =>
    credentials.lost || watch.phase === "locked" ? lost(watch) : failed(watch, health, at);
}

function lost({ phase }: Watch): string {
  if (phase === "sending") {
    return "Deploy rejected the password and did not process the request. The console sends it again after you log in.";
  }
  if (phase !== "watched" && phase !== "locked") return "";
  return "Deploy no longer accepts the password. The job continues; log in again to see its state.";
}

function failed({ phase, id }: Watch, health: Health, at: number): string {
  const again = id === undefined || phase !== "watched" ? undefined : health.again(id);
  if (again === undefined) return "";
  const when = again - at > soon ? `in ${seconds(again - at)}` : "now";
  return `The last poll failed; retrying ${when}. The job continues.`;
}
