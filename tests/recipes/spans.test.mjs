// Runs the OpenTelemetry recipe with the SDK and the fetch instrumentation.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deployFor, hosts, node } from "./recipe.mjs";

const program = `
  import { context, trace } from "@opentelemetry/api";
  import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
  import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
  import { DeployClient } from "ontap-select-deploy";
  import { addToSpan, ContextManager, traceDeploy } from "./spans.mjs";
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  context.setGlobalContextManager(new ContextManager());
  new UndiciInstrumentation();
  traceDeploy();
  const deploy = new DeployClient({
    baseUrl: process.env.DEPLOY_URL,
    auth: { username: "admin", password: process.env.DEPLOY_PASSWORD },
    retry: { initialDelay: 1 },
    onEvent: addToSpan,
  });
  const management_server = process.env.VCENTER;
  const body = (name) => ({ hosts: [{ name, hypervisor_type: "ESX", management_server }] });
  const script = trace.getTracer("script").startSpan("script");
  await context.with(trace.setSpan(context.active(), script), async () => {
    await Promise.all([deploy.post("/hosts", body("esx-1")), deploy.post("/hosts", body("unreachable-1")).catch(() => {})]);
    const handle = await deploy.submit("POST", "/hosts", { body: body("esx-2") });
    await handle.result();
  });
  script.end();
  await new Promise((resolve) => setTimeout(resolve, 10)); // a request's span ends with its body
  console.log(JSON.stringify(exporter.getFinishedSpans().map((span) => ({
    name: span.name, id: span.spanContext().spanId, parent: span.parentSpanContext?.spanId,
    attributes: span.attributes, error: span.status.code === 2, events: span.events.map((event) => event.name),
  }))));
`;

test("each call and wait has a span with its requests as children, retries as events and failures as errors", async (t) => {
  const rules = [{ match: { path: "/jobs/*" }, count: 1, action: { kind: "status", status: 503 } }];
  const { baseUrl, simulator } = await deployFor(t, { rules });
  const { stdout, stderr } = await node(["--input-type=module", "-e", program], { DEPLOY_URL: baseUrl });
  const spans = JSON.parse(stdout || assert.fail(stderr));

  const requests = spans.filter((span) => span.attributes["http.request.method"]);
  assert.equal(requests.length, simulator.log().length);
  const posts = requests.filter((span) => span.name === "POST");
  assert.deepEqual(
    posts.map((span) => span.attributes["http.response.status_code"]),
    [202, 202, 202],
  );
  const script = spans.find((span) => span.name === "script");
  const own = spans.filter((span) => span.name.startsWith("deploy "));
  assert.ok(own.every((span) => span.parent === script.id));
  const ends = own.map((span) => `${span.name} ${span.attributes["deploy.job.state"]} ${span.error}`);
  assert.deepEqual(ends.sort(), [
    "deploy POST /hosts failure true",
    "deploy POST /hosts queued false", // submit ends when Deploy accepts the call
    "deploy POST /hosts success false",
    "deploy job success false",
  ]);
  assert.ok(own.every((span) => typeof span.attributes["deploy.job.id"] === "string"));
  const ids = own.map((span) => span.id);
  assert.ok(requests.every((span) => ids.includes(span.parent)));
  assert.equal(new Set(posts.map((span) => span.parent)).size, 3);
  const polls = requests.filter((span) => span.name === "GET");
  assert.ok(polls.length > 0);
  assert.equal(polls.filter((span) => span.error).length, 1, "the 503");
  assert.ok(own.some((span) => span.events.includes("retry")));
  assert.ok(
    own.filter((span) => span.attributes["deploy.job.state"]).every((span) => span.events.includes("state")),
  );
});

test("with telemetry.mjs a call and its requests are in one trace", async (t) => {
  const { baseUrl } = await deployFor(t);
  const script = `
    import { DeployClient } from "ontap-select-deploy";
    const auth = { username: "admin", password: process.env.DEPLOY_PASSWORD };
    const deploy = new DeployClient({ baseUrl: process.env.DEPLOY_URL, auth });
    await deploy.post("/hosts", ${JSON.stringify(hosts("esx-1"))});
    await new Promise((resolve) => setTimeout(resolve, 10));
  `;
  const args = ["--import", "./telemetry.mjs", "--input-type=module", "-e", script];
  const { stdout, stderr } = await node(args, { DEPLOY_URL: baseUrl });
  const names = [...stdout.matchAll(/^ {2}name: '(.*)',$/gm)].map(([, name]) => name);
  assert.equal(names.filter((name) => name === "deploy POST /hosts").length, 1, stderr);
  assert.ok(names.includes("POST") && names.includes("GET"), stderr);
  assert.equal(new Set(stdout.match(/traceId: '.*'/g)).size, 1);
});
