import { DataType, type ModelProto } from "@graft/onnx";
import type { ImageSize } from "./image-input.ts";

/** Axes of a batch of images: [batch, channels, height, width]. */
const AXES = 4;

/** The input of a graph that takes images: its name, and their size where it is fixed. */
export function graphImage(model: ModelProto): { readonly name: string; readonly size?: ImageSize } | undefined {
  for (const { name, type } of model.graph?.input ?? []) {
    if (type?.value.case !== "tensorType" || type.value.value.elemType !== DataType.float32) continue;
    const dims = type.value.value.shape?.dim ?? [];
    if (dims.length !== AXES) continue;
    const [channels = 0, height = 0, width = 0] = dims.slice(1).map(({ value }) => (value.case === "dimValue" ? Number(value.value) : 0));
    return channels > 0 && height > 0 && width > 0 ? { name, size: { channels, height, width } } : { name };
  }
  return undefined;
}
