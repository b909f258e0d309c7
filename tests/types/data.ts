// Snapshots, results, counters and events are read-only.

import { expectTypeOf } from "expect-type";
import type { CallResult, ClientEvent, ClientStats, JobSnapshot, JobState } from "ontap-select-deploy";

// An editor suggests the known states, and any other string is accepted.
expectTypeOf<JobState>().toEqualTypeOf<
  "accepted" | "queued" | "running" | "success" | "failure" | (string & {})
>();
expectTypeOf<JobState>().not.toEqualTypeOf<string>();
expectTypeOf<"paused">().toExtend<JobState>();
expectTypeOf<JobState>().toExtend<string>();

expectTypeOf<JobSnapshot>().toEqualTypeOf<{
  readonly id: string;
  readonly state: JobState;
  readonly message?: string;
  readonly lastModified?: string;
  readonly raw: Readonly<Record<string, unknown>>;
}>();

expectTypeOf<CallResult<number>>().toEqualTypeOf<{
  readonly status: number;
  readonly body: number;
  readonly job?: JobSnapshot;
  readonly location?: string;
  readonly path?: string;
  readonly id?: string;
  readonly requestId?: string;
}>();
expectTypeOf<CallResult>().toEqualTypeOf<CallResult<unknown>>();

expectTypeOf<ClientStats>().toEqualTypeOf<{
  readonly polls: number;
  readonly emptyPolls: number;
  readonly retries: number;
  readonly openPolls: number;
  readonly waits: number;
}>();

expectTypeOf<
  "request" | "response" | "retry" | "state" | "settled" | "hot-loop" | "callback-error"
>().toExtend<ClientEvent["type"]>();
expectTypeOf<Omit<ClientEvent, "type">>().toEqualTypeOf<{
  readonly jobId?: string;
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  readonly attempt?: number;
  readonly delay?: number;
  readonly state?: string;
  readonly code?: string;
}>();
expectTypeOf<Pick<ClientEvent, "type">>().toEqualTypeOf<Readonly<Pick<ClientEvent, "type">>>();

export function writing(job: JobSnapshot, result: CallResult, stats: ClientStats, event: ClientEvent): void {
  // @ts-expect-error read-only
  job.state = "success";
  // @ts-expect-error the record is read-only
  job.raw.state = "success";
  // @ts-expect-error read-only
  result.body = {};
  // @ts-expect-error read-only
  stats.polls = 0;
  // @ts-expect-error read-only
  event.type = "retry";
}
