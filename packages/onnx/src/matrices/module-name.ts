import type { NodeProto } from "../proto/onnx_pb.ts";

/** What the module of a weight can be read from. */
export interface NameClues {
  readonly initializer: string;
  readonly node: NodeProto;
  /** Name of the bias that is added to what the weight gives. */
  readonly bias?: string;
}

/** Names that exporters invent: "302", "onnx::MatMul_636", "val_87", "arg3_1", "/encoder/Constant_output_0". */
const INVENTED =
  /^(\d+|val_\d+|t_\d+|arg\d+(_\d+)?|transpose_?\d*|const(ant)?_?\d*|_to_copy(_\d+)?|[A-Za-z]*_?\d+_(qkv_)?(weight|bias))$|::|\/|_output_\d+$/;

/** What follows the module in a parameter's name; "MatMul" and the like stand in names of the genai builder and of quantisers. */
const PARAMETER =
  /([._](MatMul|Gemm|Gather|Conv)(_[A-Za-z0-9]+)*)?[._](weight|kernel|bias|table)((_|\.)(transposed|quantized|scaled|fp16|Q\d\w*))?$/;

/** An operator as the last part of a node's name: "MatMul", "Gemm_3", "MatMul_Q4", "MatMulAddFusion". */
const OPERATOR = /^(MatMul|Gemm|Gather|Conv|ConvTranspose|FusedMatMul|FusedGemm|Attention|Transpose|Add|Embedding|Linear)([A-Z_].*)?$/;

/** Where the dynamo exporter writes the modules around a node, as a Python list: "['', 'encoder', 'encoder.layer.0', 'linear_3']". */
const SCOPES = "pkg.torch.onnx.name_scopes";

/**
 * The path of a weight's module ("encoder.layer.0.attention.self.query"), whichever exporter wrote the model: by the
 * parameter's own name, else its bias's, else the node's scope; where none tells, the initializer's name.
 */
export function moduleName({ initializer, node, bias }: NameClues): string {
  return (
    parameterModule(initializer) ??
    (bias === undefined ? undefined : parameterModule(bias)) ??
    scopeModule(node.name) ??
    metadataModule(node) ??
    initializer
  );
}

/** The module in a parameter's name; undefined for names that an exporter invented. */
export function parameterModule(name: string): string | undefined {
  if (INVENTED.test(name) || !/[._]/.test(name)) return undefined;
  return name.replace(PARAMETER, "");
}

/** "/encoder/layer.0/attention/self/query/MatMul": the scope without the operator. */
function scopeModule(name: string): string | undefined {
  if (!name.includes("/")) return undefined;
  const parts = name.split("/").filter((part) => part !== "");
  while (parts.length > 0 && OPERATOR.test(parts.at(-1) ?? "")) parts.pop();
  return parts.length === 0 ? undefined : parts.join(".");
}

function metadataModule(node: NodeProto): string | undefined {
  const text = node.metadataProps.find(({ key }) => key === SCOPES)?.value ?? "";
  const scopes = [...text.matchAll(/'([^']*)'|"([^"]*)"/g)].map((match) => match[1] ?? match[2] ?? "");
  const module = scopes.at(-2) ?? "";
  return module === "" ? undefined : module;
}
