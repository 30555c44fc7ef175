import { adapterSpectrum, spectrumPicture, type TargetSpectrum } from "@graft/methods";
import { answerAsWorker } from "./ask-worker.ts";
import { openRemote } from "./open-remote.ts";
import { statistics, type Statistics } from "./statistics.ts";

/** What may be asked about a file in the registry. */
export type InsideWork =
  | { readonly kind: "tensors"; readonly digest: string }
  | { readonly kind: "tensor"; readonly digest: string; readonly name: string }
  | { readonly kind: "spectrum"; readonly digest: string };

/** One line of a file's header. */
export interface TensorLine {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** The answers, by the kind of the question. */
export interface InsideAnswers {
  readonly tensors: readonly TensorLine[];
  readonly tensor: Statistics;
  readonly spectrum: { readonly spectra: readonly TargetSpectrum[]; readonly picture: string };
}

answerAsWorker<InsideWork, InsideAnswers[InsideWork["kind"]]>(async (work, tell) => {
  const adapter = await openRemote(work.digest);
  switch (work.kind) {
    case "tensors":
      return [...adapter.file.header.tensors].map(([name, { dtype, shape, begin, end }]) => ({ name, dtype, shape, bytes: end - begin }));
    case "tensor":
      return statistics(await adapter.values(work.name));
    case "spectrum": {
      const targets = adapter.manifest.targets.length;
      let done = 0;
      const values = (key: string): Promise<Float32Array> => {
        tell(done++ / (2 * targets), "Reading the targets");
        return adapter.values(key);
      };
      const spectra = await adapterSpectrum({ manifest: adapter.manifest, values });
      return { spectra, picture: spectrumPicture(spectra) };
    }
  }
});
