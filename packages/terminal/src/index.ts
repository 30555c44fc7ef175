export { counted, formatBytes, formatSeconds } from "./numbers.ts";
export { Progress } from "./progress.ts";
export { formatTable } from "./table.ts";
