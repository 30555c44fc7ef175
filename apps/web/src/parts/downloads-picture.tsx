import type { DownloadsRecord } from "@graft/protocol";
import { count } from "./size.ts";

const HEIGHT = 60;
const WIDTH = 300;
const DAY = 86_400_000;

/** Downloads a day as a line, over the last days; the numbers are in a table beneath. */
export function DownloadsPicture({
  downloads,
  days,
  today,
}: {
  readonly downloads: DownloadsRecord;
  readonly days: number;
  readonly today: Date;
}) {
  const counts = new Map(downloads.days.map(({ day, count: number }) => [day, number]));
  const line = Array.from({ length: days }, (_, index) => {
    const day = new Date(today.getTime() - (days - 1 - index) * DAY).toISOString().slice(0, 10);
    return { day, number: counts.get(day) ?? 0 };
  });
  const most = Math.max(1, ...line.map(({ number }) => number));
  const points = line.map(({ number }, index) => `${(index / (days - 1)) * WIDTH},${HEIGHT - 4 - (number / most) * (HEIGHT - 8)}`);
  const sum = line.reduce((total, { number }) => total + number, 0);
  return (
    <figure>
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${count(sum)} downloads in ${days} days`}>
        <polyline class="trend" points={points.join(" ")} />
      </svg>
      <figcaption class="small quiet-text">
        {count(sum)} downloads in the last {days} days, {count(downloads.total)} in all
      </figcaption>
    </figure>
  );
}
