// The errors: one base class, one class for each kind, and their members.

import { expectTypeOf } from "expect-type";
import {
  AuthError,
  BadTokenError,
  type ChangeOutcome,
  ClosedError,
  DeployError,
  type ErrorCode,
  HttpError,
  JobFailedError,
  JobGoneError,
  type JobSnapshot,
  NotTrackableError,
  ProtocolError,
  TransportError,
  WaitTimeoutError,
} from "ontap-select-deploy";

expectTypeOf<ErrorCode>().toEqualTypeOf<
  | "JOB_FAILED"
  | "WAIT_TIMEOUT"
  | "JOB_GONE"
  | "NOT_TRACKABLE"
  | "HTTP"
  | "AUTH"
  | "PROTOCOL"
  | "TRANSPORT"
  | "CLOSED"
  | "BAD_TOKEN"
  | "UNSUPPORTED"
  | "INTERNAL"
>();

expectTypeOf<ChangeOutcome>().toEqualTypeOf<"failed" | "refused" | "unknown">();

expectTypeOf<DeployError>().toExtend<Error>();
expectTypeOf<Omit<DeployError, keyof Error>>().toEqualTypeOf<{
  readonly code: ErrorCode;
  readonly outcome: ChangeOutcome;
  readonly token?: string | undefined;
  readonly job?: JobSnapshot;
  readonly requestId?: string;
  readonly serverCode?: string;
  toJSON: () => Record<string, unknown>;
}>();

/** The members that a class adds to the base. */
type Own<E extends DeployError> = Omit<E, keyof DeployError>;
// biome-ignore lint/complexity/noBannedTypes: no member at all is what is meant.
type Nothing = {};
expectTypeOf<Own<JobFailedError>>().toEqualTypeOf<Nothing>();
expectTypeOf<Own<JobGoneError>>().toEqualTypeOf<Nothing>();
expectTypeOf<Own<ProtocolError>>().toEqualTypeOf<Nothing>();
expectTypeOf<Own<TransportError>>().toEqualTypeOf<{ readonly sent?: boolean }>();
expectTypeOf<Own<BadTokenError>>().toEqualTypeOf<Nothing>();
expectTypeOf<Own<ClosedError>>().toEqualTypeOf<{ readonly sent?: boolean }>();
expectTypeOf<Own<WaitTimeoutError>>().toEqualTypeOf<{ readonly sent?: boolean }>();
expectTypeOf<Pick<WaitTimeoutError, "token">>().toEqualTypeOf<{ readonly token: string | undefined }>();
expectTypeOf<Own<NotTrackableError>>().toEqualTypeOf<{
  readonly status: number;
  readonly location?: string;
  readonly text?: string;
}>();
expectTypeOf<Own<HttpError>>().toEqualTypeOf<{
  readonly status: number;
  readonly text?: string;
}>();
expectTypeOf<Own<AuthError>>().toEqualTypeOf<Own<HttpError>>();

// The classes and their base classes.
expectTypeOf([
  JobFailedError,
  WaitTimeoutError,
  JobGoneError,
  NotTrackableError,
  HttpError,
  ProtocolError,
  TransportError,
  BadTokenError,
  ClosedError,
]).items.instance.toExtend<DeployError>();
expectTypeOf(AuthError).instance.toExtend<HttpError>();

export function caught(error: unknown): string | undefined {
  if (error instanceof WaitTimeoutError) return error.token;
  if (error instanceof AuthError) return error.serverCode;
  if (error instanceof HttpError) return error.text;
  if (error instanceof JobFailedError) return error.job?.message;
  // Classes with the same members stay distinct: the rest is not `never`.
  if (error instanceof DeployError) {
    if (error instanceof JobGoneError) return error.requestId;
    expectTypeOf(error).toEqualTypeOf<DeployError>();
    return error.code;
  }
  return undefined;
}
