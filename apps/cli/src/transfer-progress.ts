import { formatBytes, formatSeconds } from "@graft/terminal";
import type { Output } from "./output.ts";

/** Draws a transfer: bytes, speed and time left. */
export function transferProgress(output: Output, label: string): (done: number, total: number) => void {
  const begin = performance.now();
  let first: number | undefined;
  return (done, total) => {
    // Bytes that an earlier try left say nothing about the speed of this one.
    first ??= done;
    const seconds = (performance.now() - begin) / 1000;
    const speed = seconds > 0 ? (done - first) / seconds : 0;
    const left = speed > 0 ? `, ${formatSeconds((total - done) / speed)} left` : "";
    output.progress.update({ label, done, total, detail: `${formatBytes(done)} of ${formatBytes(total)}, ${formatBytes(speed)}/s${left}` });
  };
}
