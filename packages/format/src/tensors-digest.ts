import { createHasher, formatDigest, type Digest } from "@graft/digest";
import { planLayout, type Tensor } from "@graft/safetensors";

/** Digest of tensors alone: sha256 of the safetensors file that holds them and no `__metadata__`, as the reference writes it. */
export async function digestTensors(tensors: ReadonlyMap<string, Tensor>): Promise<Digest> {
  const { prefix, placed } = planLayout(Array.from(tensors, ([name, tensor]) => ({ name, ...tensor })));
  const hasher = await createHasher();
  hasher.update(prefix);
  for (const { entry } of placed) hasher.update(entry.data);
  return formatDigest(hasher.digest());
}
