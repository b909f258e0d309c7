// OpenTelemetry from onEvent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deployFor, node } from "./recipe.mjs";

const program = `
  import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
  import { DeployClient } from "ontap-select-deploy";
  import { spans } from "./spans.mjs";
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const deploy = new DeployClient({
    baseUrl: process.env.DEPLOY_URL,
    auth: { username: "admin", password: process.env.DEPLOY_PASSWORD },
    retry: { initialDelay: 1 },
    onEvent: spans(provider.getTracer("test")),
  });
  const host = (name) => deploy.post("/hosts", { hosts: [{ name, hypervisor_type: "ESX" }] }).catch(() => {});
  await Promise.all([host("esx-1"), host("unreachable-1")]);
  await new Promise((resolve) => setTimeout(resolve)); // events come in microtasks
  console.log(JSON.stringify(exporter.getFinishedSpans().map((span) => ({
    name: span.name, id: span.spanContext().spanId, parent: span.parentSpanContext?.spanId,
    attributes: span.attributes, error: span.status.code === 2, events: span.events.map((event) => event.name),
  }))));
`;

test("a span for each job with its requests below it, a retry as an event, and a failure as an error", async (t) => {
  const rules = [{ match: { path: "/jobs/*" }, count: 1, action: { kind: "status", status: 503 } }];
  const { baseUrl, simulator } = await deployFor(t, { rules });
  const { stdout, stderr } = await node(["--input-type=module", "-e", program], { DEPLOY_URL: baseUrl });
  const spans = JSON.parse(stdout || assert.fail(stderr));

  const requests = spans.filter((span) => span.attributes["http.request.method"]);
  assert.equal(requests.length, simulator.log().length);
  const calls = requests.filter((span) => span.name === "POST");
  assert.deepEqual(
    calls.map((span) => span.attributes["http.response.status_code"]),
    [202, 202],
  );
  const jobs = spans.filter((span) => span.name === "deploy job");
  assert.deepEqual(jobs.map((span) => [span.attributes["deploy.outcome"], span.error]).sort(), [
    ["JOB_FAILED", true],
    ["success", false],
  ]);
  const ids = jobs.map((span) => span.id);
  const polls = requests.filter((span) => span.name === "GET");
  assert.ok(polls.length > 0 && polls.every((span) => ids.includes(span.parent)));
  assert.equal(polls.filter((span) => span.error).length, 1, "the 503");
  assert.ok(jobs.some((span) => span.events.includes("retry")));
  assert.ok(jobs.every((span) => span.events.includes("state")));
});
