import { GraftError } from "@graft/error";
import type { LoadedModel } from "@graft/sdk";

/** The task of a model's adapter; USAGE when it has no head, so that nobody knows what its outputs mean. */
export function answeringTask(model: LoadedModel): LoadedModel["adapters"][number]["manifest"]["task"] {
  const { manifest, name } = model.adapters[0] ?? {};
  if (manifest?.task.head !== undefined) return manifest.task;
  throw new GraftError("USAGE", `Cannot tell what "${name ?? ""}" says: its task "${manifest?.task.type ?? ""}" has no head`, {
    hint: "Write with it by graft generate, and judge it by graft eval",
  });
}
