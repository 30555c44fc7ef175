import { isGraftError } from "@graft/error";
import { bytesSource, readHeader } from "@graft/safetensors";
import { describe, expect, test } from "vitest";
import vectors from "./vectors.json" with { type: "json" };

/** "OK" and the sorted names, or "ERR" and the reason, as the reference writes its verdict. */
async function verdict(bytes: Uint8Array): Promise<string> {
  try {
    const { tensors } = await readHeader(bytesSource(bytes));
    return `OK ${JSON.stringify([...tensors.keys()].toSorted()).replaceAll(",", ", ")}`;
  } catch (error) {
    if (isGraftError(error) && error.code === "SAFETENSORS_INVALID") return `ERR ${String(error.detail?.["reason"])}`;
    throw error;
  }
}

describe("every file of the vectors is judged as the reference implementation judges it", () => {
  test.each(vectors)("$name", async ({ b64, reference }) => {
    const expected = reference.replace(/\(.*$/s, "");
    expect(await verdict(Buffer.from(b64, "base64"))).toBe(expected);
  });

  test("the vectors are all there", () => {
    expect(vectors).toHaveLength(87);
  });
});
