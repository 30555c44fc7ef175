import type { VersionRecord } from "@graft/protocol";
import { Command } from "./command.tsx";

/** How to get an adapter, for each who might want it. */
export function InstallLines({ record, origin }: { readonly record: VersionRecord; readonly origin: string }) {
  const { name, version, manifest } = record;
  const base = manifest.base.name;
  const load = `import { load } from "@graft/sdk";

const model = await load("./${base.split("/").at(-1)}", { adapters: ["${name}@${version}"], registry: "${origin}" });
console.log(await model.run(["…"]));`;
  const peft = `# HF_ENDPOINT=${origin}/hf
from peft import PeftModel

model = PeftModel.from_pretrained(base, "${name.slice(1)}", revision="${version}")`;
  return (
    <section aria-labelledby="install">
      <h2 id="install">Install</h2>
      <Command label="on the command line">{`graft pull ${name}@${version} --registry ${origin}`}</Command>
      <details>
        <summary>In a program, Node or browser</summary>
        <Command label="in a program">{load}</Command>
      </details>
      <details>
        <summary>In Python, with PEFT</summary>
        <Command label="in Python">{peft}</Command>
      </details>
    </section>
  );
}
