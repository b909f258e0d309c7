import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

/** An `onEvent` that draws a span for each job, and below it one for each request that asks for it. */
export function spans(tracer = trace.getTracer("ontap-select-deploy")) {
  const jobs = new Map(); // by id
  const requests = new Map(); // by method and path, oldest first

  function job(id) {
    const known = jobs.get(id);
    if (known || id === undefined) return known;
    const span = tracer.startSpan("deploy job", { attributes: { "deploy.job.id": id } });
    jobs.set(id, span);
    return span;
  }

  function begin({ method, path, jobId }) {
    const parent = job(jobId);
    const span = tracer.startSpan(
      method,
      { kind: SpanKind.CLIENT, attributes: { "http.request.method": method, "url.path": path } },
      parent ? trace.setSpan(context.active(), parent) : context.active(),
    );
    const key = `${method} ${path}`;
    requests.set(key, [...(requests.get(key) ?? []), span]);
  }

  function end({ type, method, path, status }) {
    const key = `${method} ${path}`;
    const [span, ...rest] = requests.get(key) ?? [];
    if (rest.length > 0) requests.set(key, rest);
    else requests.delete(key);
    if (status !== undefined) span?.setAttribute("http.response.status_code", status);
    if (type === "no-response" || status >= 400)
      span?.setStatus({ code: SpanStatusCode.ERROR, message: type });
    span?.end();
  }

  function settle({ jobId, state, code }) {
    const span = jobs.get(jobId);
    if (!jobs.delete(jobId)) return; // a call without a job, or another waiter of one that is drawn already
    span.setAttribute("deploy.outcome", code ?? state);
    if (code && code !== "ABORTED") span.setStatus({ code: SpanStatusCode.ERROR, message: code });
    span.end();
  }

  return (event) => {
    const { type, jobId, state, delay, attempt } = event;
    if (type === "request") begin(event);
    else if (type === "response" || type === "no-response" || type === "cancelled") end(event);
    else if (type === "settled") settle(event);
    else if (type === "state") job(jobId)?.addEvent(type, { state });
    else if (type === "retry" || type === "pause" || type === "hot-loop") {
      job(jobId)?.addEvent(type, { delay, ...(attempt !== undefined && { attempt }) });
    }
  };
}
