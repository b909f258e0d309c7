// A handle is a class for `instanceof`, but without a public constructor.

import { expectTypeOf } from "expect-type";
import { type CallResult, JobHandle, type JobSnapshot, type WaitOptions } from "ontap-select-deploy";

declare const handle: JobHandle;

export function isHandle(value: unknown): string | undefined {
  return value instanceof JobHandle ? value.id : undefined;
}
// @ts-expect-error only a client creates handles
new JobHandle();
// @ts-expect-error it cannot be extended
export class Mine extends JobHandle {}

expectTypeOf<Pick<JobHandle, "id" | "latest" | "response">>().toEqualTypeOf<{
  readonly id: string | undefined;
  readonly latest: JobSnapshot | undefined;
  readonly response: CallResult | undefined;
}>();
expectTypeOf<keyof JobHandle>().toEqualTypeOf<
  | ("id" | "latest" | "response" | "result" | "poll" | "updates" | "subscribe" | "serialize")
  | typeof Symbol.asyncIterator
>();
// A handle is not thenable: awaiting one returns itself.
expectTypeOf<Awaited<JobHandle>>().toEqualTypeOf<JobHandle>();

expectTypeOf<JobHandle["result"]>().toEqualTypeOf<(options?: WaitOptions) => Promise<JobSnapshot>>();
expectTypeOf<JobHandle["poll"]>().toEqualTypeOf<
  (options?: Pick<WaitOptions, "signal" | "timeout">) => Promise<JobSnapshot>
>();
expectTypeOf<JobHandle["updates"]>().toEqualTypeOf<
  (options?: Omit<WaitOptions, "onProgress">) => AsyncIterableIterator<JobSnapshot>
>();
// subscribe fits React, and Svelte, whose stores pass a second argument.
expectTypeOf(handle.subscribe).toExtend<(onStoreChange: () => void) => () => void>();
interface Readable<T> {
  subscribe(this: void, run: (value: T) => void, invalidate?: () => void): () => void;
}
expectTypeOf(handle).toExtend<Readable<JobSnapshot | undefined>>();
// @ts-expect-error read-only
handle.subscribe = () => () => {};
expectTypeOf<JobHandle["serialize"]>().toEqualTypeOf<() => string>();
// @ts-expect-error a single poll reports no progress
handle.poll({ onProgress: () => {} });
// @ts-expect-error the loop itself reports progress
handle.updates({ onProgress: () => {} });

expectTypeOf(handle).toExtend<AsyncIterable<JobSnapshot>>();
expectTypeOf<JobHandle[typeof Symbol.asyncIterator]>().toEqualTypeOf<
  () => AsyncIterableIterator<JobSnapshot>
>();
export async function loop(): Promise<void> {
  for await (const job of handle) expectTypeOf(job).toEqualTypeOf<JobSnapshot>();
}
