const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 365.25 * 86_400],
  ["month", 30.44 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** An instant as people say it, with the exact one for machines and on hover. */
export function Instant({ at, now = new Date() }: { readonly at: string; readonly now?: Date }) {
  const seconds = (Date.parse(at) - now.getTime()) / 1000;
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
  const text = step === undefined ? "just now" : RELATIVE.format(Math.round(seconds / step[1]), step[0]);
  return (
    <time datetime={at} title={at}>
      {text}
    </time>
  );
}
