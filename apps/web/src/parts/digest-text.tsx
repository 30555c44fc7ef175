/** A digest cut to what eyes can compare; the whole of it is selected and read out. */
export function DigestText({ children }: { readonly children: string }) {
  return <code title={children}>{`${children.slice(0, "sha256:".length + 12)}…`}</code>;
}
