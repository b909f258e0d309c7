// What a handle is: a class to ask `instanceof` of, but not to make one of.

import { expectTypeOf } from "expect-type";
import { type CallResult, JobHandle, type JobSnapshot, type WaitOptions } from "ontap-select-deploy";

declare const handle: JobHandle;

export function isHandle(value: unknown): string | undefined {
  return value instanceof JobHandle ? value.id : undefined;
}
// @ts-expect-error handles come from a client
new JobHandle();
// @ts-expect-error nor can a class be made of it
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
// A handle is no promise: awaiting one gives itself.
expectTypeOf<Awaited<JobHandle>>().toEqualTypeOf<JobHandle>();

expectTypeOf<JobHandle["result"]>().toEqualTypeOf<(options?: WaitOptions) => Promise<JobSnapshot>>();
expectTypeOf<JobHandle["poll"]>().toEqualTypeOf<
  (options?: Pick<WaitOptions, "signal" | "timeout">) => Promise<JobSnapshot>
>();
expectTypeOf<JobHandle["updates"]>().toEqualTypeOf<
  (options?: Omit<WaitOptions, "onProgress">) => AsyncIterableIterator<JobSnapshot>
>();
// As React takes it, and as Svelte does: its stores give the value, and are asked with a second argument.
expectTypeOf(handle.subscribe).toExtend<(onStoreChange: () => void) => () => void>();
interface Readable<T> {
  subscribe(this: void, run: (value: T) => void, invalidate?: () => void): () => void;
}
expectTypeOf(handle).toExtend<Readable<JobSnapshot | undefined>>();
// @ts-expect-error it is given, not taken
handle.subscribe = () => () => {};
expectTypeOf<JobHandle["serialize"]>().toEqualTypeOf<() => string>();
// @ts-expect-error a single poll reports no progress
handle.poll({ onProgress: () => {} });
// @ts-expect-error the loop is the progress
handle.updates({ onProgress: () => {} });

expectTypeOf(handle).toExtend<AsyncIterable<JobSnapshot>>();
expectTypeOf<JobHandle[typeof Symbol.asyncIterator]>().toEqualTypeOf<
  () => AsyncIterableIterator<JobSnapshot>
>();
export async function loop(): Promise<void> {
  for await (const job of handle) expectTypeOf(job).toEqualTypeOf<JobSnapshot>();
}
