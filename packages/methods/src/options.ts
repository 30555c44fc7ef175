import type { BitfitOptions } from "./options/bitfit.ts";
import type { BottleneckOptions } from "./options/bottleneck.ts";
import type { DoraOptions } from "./options/dora.ts";
import type { FullOptions } from "./options/full.ts";
import type { HeadOptions } from "./options/head.ts";
import type { Ia3Options } from "./options/ia3.ts";
import type { LastLayersOptions } from "./options/last-layers.ts";
import type { LoraOptions } from "./options/lora.ts";
import type { PrefixEmbeddingOptions, PrefixLayerOptions } from "./options/prefix.ts";

/** What is trained, by method. */
export type MethodOptions =
  | LoraOptions
  | DoraOptions
  | Ia3Options
  | FullOptions
  | LastLayersOptions
  | BitfitOptions
  | HeadOptions
  | PrefixEmbeddingOptions
  | PrefixLayerOptions
  | BottleneckOptions;
/** Name of a method. */
export type MethodName = MethodOptions["name"];
