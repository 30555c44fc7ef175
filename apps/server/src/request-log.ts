import { createMiddleware } from "hono/factory";
import type { Logger } from "pino";

/** One line per request: method, path, status, milliseconds. Headers and bodies, where secrets are, are never logged. */
export function requestLog(logger: Logger) {
  return createMiddleware(async (context, next) => {
    const start = performance.now();
    await next();
    const { method, path } = context.req;
    const milliseconds = Math.round((performance.now() - start) * 10) / 10;
    // pino escapes control characters, so a path cannot forge a line.
    logger.info({ method, path: path.slice(0, 300), status: context.res.status, milliseconds }, "request");
  });
}
