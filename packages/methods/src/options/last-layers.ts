/** `last-layers`: every tensor of the last blocks is trained (FT-Top2 of the LoRA paper). */
export interface LastLayersOptions {
  readonly name: "last-layers";
  /** Blocks that are trained; 2 by default. */
  readonly layers?: number;
}
