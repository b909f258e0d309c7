import { tracingChannel } from "node:diagnostics_channel";
import { context, SpanStatusCode, trace } from "@opentelemetry/api";

/** Draws a span for each call and each wait for a job, of whatever client in this process. */
export function traceDeploy(contextManager, tracer = trace.getTracer("ontap-select-deploy")) {
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
    channel.start.bindStore(contextManager._asyncLocalStorage, begin); // by this the requests lie below
    channel.subscribe({ asyncEnd });
  }
}

/** An `onEvent`: retries, pauses and the job's states, as events of the span. */
export function addToSpan({ type, state, attempt, delay }) {
  if (["state", "retry", "pause", "hot-loop"].includes(type))
    trace.getActiveSpan()?.addEvent(type, { state, attempt, delay });
}
