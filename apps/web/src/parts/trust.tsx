import type { VersionRecord } from "@graft/protocol";
import { Facts } from "./facts.tsx";

/** What is signed, by whom, and what that means to somebody who never heard of it. */
export function Trust({ record }: { readonly record: VersionRecord }) {
  const { signatures, digest } = record;
  return (
    <section aria-labelledby="trust" class="card">
      <h2 id="trust">Trust</h2>
      <p class="small">
        The registry signed this name and version together with the bytes below and the base they were trained on. Whoever changes one byte,
        or serves another adapter under this name, is found out when it is pulled.
      </p>
      <Facts>
        {[
          ["Bytes", <code>{digest}</code>],
          ["Signed by", signatures.map(({ key }) => <code>{key}</code>)],
          ["Check it", <code>graft verify {`${record.name}@${record.version}`}</code>],
        ]}
      </Facts>
    </section>
  );
}
