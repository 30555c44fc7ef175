/** One reason why a readable file is refused as an adapter. */
export interface Finding {
  readonly rule:
    | "duplicate-name"
    | "duplicate-metadata-key"
    | "unknown-field"
    | "unusual-entry"
    | "leading-space"
    | "padding"
    | "header-size"
    | "header-alignment"
    | "tensor-alignment"
    | "tensor-count"
    | "tensor-name"
    | "rank"
    | "dimension"
    | "metadata-size"
    | "metadata-key"
    | "metadata-control-character";
  readonly message: string;
  readonly tensor?: string;
}
