export { openSession } from "./worker-session.ts";
