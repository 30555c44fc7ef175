import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** Parts of a path that stand for themselves; everything else is one of endlessly many names. */
const KNOWN = /^\/(v1\/[a-z]+|hf|npm|v2|assets|bases|search|fits|healthz|readyz)(?=\/|$)/;

/** What a server counts of itself. */
export interface ServerMetrics {
  /** Measures the requests that pass through it. */
  readonly middleware: MiddlewareHandler;
  /** Counts a fault of the server's own. */
  fault(): void;
  /** All figures as Prometheus reads them, and the content type of that text. */
  text(): Promise<{ readonly type: string; readonly body: string }>;
}

/** Figures of one server: requests by route, method and status with their durations, faults, and those of the process. */
export function createMetrics(): ServerMetrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const durations = new Histogram({
    name: "graft_request_duration_seconds",
    help: "Seconds from the head of a request to the head of its answer",
    labelNames: ["route", "method", "status"],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [register],
  });
  const running = new Gauge({ name: "graft_requests_running", help: "Requests that are being answered", registers: [register] });
  const faults = new Counter({ name: "graft_faults_total", help: "Faults of the server's own", registers: [register] });
  const middleware = createMiddleware(async (context, next) => {
    const stop = durations.startTimer();
    running.inc();
    try {
      await next();
    } finally {
      running.dec();
      stop({ route: routeOf(context.req.path), method: context.req.method, status: String(context.res.status) });
    }
  });
  return { middleware, fault: () => faults.inc(), text: async () => ({ type: register.contentType, body: await register.metrics() }) };
}

/** The route of a path, out of a bounded set: names of adapters would be a label each. */
function routeOf(path: string): string {
  return path === "/" ? "/" : (KNOWN.exec(path)?.[0] ?? "page");
}
