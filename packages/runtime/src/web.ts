export { openSession } from "./web-session.ts";
