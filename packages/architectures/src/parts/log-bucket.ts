/**
 * The bucket of a distance: itself up to half the buckets, from there on by its logarithm up to `most`.
 * In float32 as `make_log_bucket_position` of `transformers` computes it, so that distances on an edge fall on the same side.
 */
export function logBucket(distance: number, { buckets, most }: { buckets: number; most: number }): number {
  const middle = Math.floor(buckets / 2);
  const far = Math.abs(distance);
  if (far <= middle) return distance;
  const round = Math.fround;
  const share = round(round(Math.log(round(far / middle))) / round(Math.log(round((most - 1) / middle))));
  return Math.sign(distance) * (Math.ceil(round(share * (middle - 1))) + middle);
}
