// node --import ./telemetry.mjs script.mjs
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { traceDeploy } from "./spans.mjs";

const spanProcessors = [new SimpleSpanProcessor(new ConsoleSpanExporter())];
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
const contextManager = new AsyncLocalStorageContextManager();
context.setGlobalContextManager(contextManager);
new UndiciInstrumentation(); // a span for each request of fetch
traceDeploy(contextManager);
