import { adapterSpectrum } from "@graft/methods";
import { loraKeys } from "@graft/format";
import { answerAsWorker } from "./ask-worker.ts";
import { deltaCosine } from "./delta-cosine.ts";
import { openRemote, type RemoteAdapter } from "./open-remote.ts";

/** How far a target moved from one version to another. */
export interface Movement {
  readonly module: string;
  /** ‖ΔW‖ of each version. */
  readonly before: number;
  readonly after: number;
  /** 1 for the same direction, 0 for none in common. */
  readonly cosine: number;
  /** φ of the whole subspaces: 1 for the same, 0 for orthogonal ones. */
  readonly similarity: number;
}

answerAsWorker<readonly [string, string], readonly Movement[]>(async ([before, after], tell) => {
  const [older, newer] = await Promise.all([openRemote(before), openRemote(after)]);
  tell(0.1, "Reading both files");
  const [own, theirs] = [await adapterSpectrum(newer, { against: older }), await adapterSpectrum(older)];
  const movements: Movement[] = [];
  for (const [index, spectrum] of own.entries()) {
    const { module, norm, similarity } = spectrum;
    const other = theirs.find((one) => one.module === module);
    if (other === undefined || similarity === undefined) continue;
    tell(0.5 + index / own.length / 2, "Comparing targets");
    const cosine = deltaCosine(await factors(older, module), await factors(newer, module));
    movements.push({ module, before: other.norm, after: norm, cosine, similarity: similarity.at(-1)?.at(-1) ?? 0 });
  }
  return movements;
});

async function factors(adapter: RemoteAdapter, module: string) {
  const target = adapter.manifest.targets.find((one) => one.module === module);
  const keys = loraKeys(module, target?.kind);
  const { in: columns = 0, out = 0, rank = 0 } = target ?? {};
  return { a: await adapter.values(keys.a), b: await adapter.values(keys.b), in: columns, out, rank };
}
