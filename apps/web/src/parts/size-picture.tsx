import { size } from "./size.ts";

/** An adapter beside a full copy of its base, drawn to scale; a sliver is at least a pixel wide. */
export function SizePicture({ adapter, base }: { readonly adapter: number; readonly base: number }) {
  const share = adapter / base;
  const percent = share >= 0.1 ? `${Math.round(share * 100)} %` : `${Number((share * 100).toPrecision(2))} %`;
  return (
    <figure>
      <svg class="chart" viewBox="0 0 300 44" role="img" aria-label={`The adapter is ${percent} of a full copy of the base`}>
        <rect class="bar" x="0" y="0" width={Math.max(1, 300 * Math.min(1, share))} height="16" />
        <rect class="bar-back" x="0" y="24" width="300" height="16" />
      </svg>
      <figcaption class="small quiet-text">
        {size(adapter)} where a full copy of the base is {size(base)}: {percent}
      </figcaption>
    </figure>
  );
}
