import { AsyncLocalStorage } from "node:async_hooks";
import { tracingChannel } from "node:diagnostics_channel";
import { context, ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";

const contexts = new AsyncLocalStorage();

/** OpenTelemetry's context manager, with a store that tracing channels can set. */
export class ContextManager extends AsyncLocalStorageContextManager {
  active() {
    return contexts.getStore() ?? ROOT_CONTEXT;
  }
  with(context, work, self, ...args) {
    return contexts.run(context, () => work.apply(self, args));
  }
}

/** Creates a span for each call and each wait for a job, for all clients in this process. */
export function traceDeploy(tracer = trace.getTracer("ontap-select-deploy")) {
  const spans = new WeakMap(); // by message

  function begin(message) {
    const { server, method, path, jobId } = message;
    const attributes = { "server.address": server, "deploy.path": path, "deploy.job.id": jobId };
    const span = tracer.startSpan(method ? `deploy ${method} ${path}` : "deploy job", { attributes });
    spans.set(message, span);
    return trace.setSpan(context.active(), span);
  }

  function asyncEnd(message) {
    const { status, jobId, state, error } = message;
    const span = spans.get(message);
    span?.setAttributes({ "deploy.status": status, "deploy.job.id": jobId, "deploy.job.state": state });
    if (error) span?.setStatus({ code: SpanStatusCode.ERROR, message: error.code ?? error.name });
    span?.end();
  }

  for (const name of ["ontap-select-deploy:call", "ontap-select-deploy:wait"]) {
    const channel = tracingChannel(name);
    channel.start.bindStore(contexts, begin); // makes the requests child spans
    channel.subscribe({ asyncEnd });
  }
}

/** An `onEvent` callback that adds retries, pauses and job states to the span. */
export function addToSpan({ type, state, attempt, delay }) {
  if (["state", "retry", "pause", "hot-loop"].includes(type))
    trace.getActiveSpan()?.addEvent(type, { state, attempt, delay });
}
