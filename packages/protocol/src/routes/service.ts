import { Ping } from "../service.ts";
import { json, refused } from "./operation.ts";

/** About the server itself. */
export const SERVICE_ROUTES = {
  ping: { method: "get", path: "/v1/ping", summary: "What answers here", responses: { 200: json("A registry", Ping), ...refused } },
} as const;
