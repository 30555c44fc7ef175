import type { VersionProof, VersionRecord } from "@graft/protocol";
import { Facts } from "./facts.tsx";
import { Instant } from "./instant.tsx";
import { count } from "./size.ts";

/** What is signed, by whom, where it stands in the log, and what that means to somebody who never heard of it. */
export function Trust({ record, proof }: { readonly record: VersionRecord; readonly proof: VersionProof | undefined }) {
  const { signatures, digest } = record;
  const head = proof === undefined ? undefined : readHead(proof.checkpoint);
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
          [
            "In the log",
            proof === undefined || head === undefined ? undefined : (
              <>
                entry {count(proof.entry.position + 1)} of {count(head.size)}, signed <Instant at={head.time} />
              </>
            ),
          ],
          ["Check it", <code>graft verify {`${record.name}@${record.version}`}</code>],
        ]}
      </Facts>
      <p class="small quiet-text">
        The log is a list of every publication that can only grow. Its entry keeps the registry from showing one version to you and another
        to somebody else: a pull checks it.
      </p>
    </section>
  );
}

/** Size and time of a tree head, as C2SP tlog-checkpoint writes them; its signature is for programs to check. */
function readHead(checkpoint: string): { readonly size: number; readonly time: string } | undefined {
  const [, size = "", , time = ""] = checkpoint.split("\n");
  const seconds = /^time (\d+)$/.exec(time)?.[1];
  return seconds === undefined ? undefined : { size: Number(size), time: new Date(Number(seconds) * 1000).toISOString() };
}
