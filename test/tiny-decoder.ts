import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkpointParameters, type Config } from "@graft/architectures";
import { encodeSafetensors, fromFloat32, type Tensor } from "@graft/safetensors";

/** Special tokens of the tiny tokenizer, behind its bytes. */
export const SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<pad>"] as const;
const MERGES = ["t h", "th e", "i n", "e r", "a n", "Ġ a", "Ġ the", "o n", "r e", "a t", "Ġ b", "i s"];

/** What GPT-2 writes for each byte: printable characters as they are, the rest shifted behind them. */
function byteCharacters(): string[] {
  const printable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let shifted = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : shifted++));
}

/** tokenizer.json of a byte-level BPE with a few merges. */
export function tinyTokenizer(): Record<string, unknown> {
  const words = [...byteCharacters(), ...MERGES.map((pair) => pair.replace(" ", ""))];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, index) => ({
      id: words.length + index,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: { type: "ByteLevel", add_prefix_space: true, trim_offsets: false, use_regex: true },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: "",
      end_of_word_suffix: "",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(words.map((word, index) => [word, index])),
      merges: MERGES.map((pair) => pair.split(" ")),
    },
  };
}

/** ChatML, as Qwen and SmolLM write it. */
export const CHAT_TEMPLATE =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** Ids that the tiny tokenizer has. */
export const VOCABULARY = 256 + MERGES.length + SPECIAL.length;
/** Id of a special token. */
export const specialId = (token: (typeof SPECIAL)[number]): number => 256 + MERGES.length + SPECIAL.indexOf(token);

const COMMON = {
  vocab_size: VOCABULARY,
  bos_token_id: specialId("<|endoftext|>"),
  eos_token_id: specialId("<|im_end|>"),
  pad_token_id: specialId("<pad>"),
};

/** config.json of a tiny GPT-2. */
export const GPT2: Config = {
  model_type: "gpt2",
  architectures: ["GPT2LMHeadModel"],
  n_embd: 32,
  n_head: 4,
  n_layer: 2,
  n_positions: 128,
  resid_pdrop: 0,
  embd_pdrop: 0,
  attn_pdrop: 0,
  ...COMMON,
};

/** config.json of a tiny Llama whose queries share keys. */
export const LLAMA: Config = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  hidden_size: 32,
  intermediate_size: 48,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  num_hidden_layers: 2,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: true,
  ...COMMON,
};

/** Writes a checkpoint with random weights, the same in every run, and the tiny tokenizer. */
export async function writeTinyDecoder(folder: string, config: Config): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tinyTokenizer()));
  await writeFile(
    join(folder, "tokenizer_config.json"),
    JSON.stringify({
      tokenizer_class: "PreTrainedTokenizerFast",
      model_max_length: 128,
      bos_token: "<|endoftext|>",
      eos_token: "<|im_end|>",
      pad_token: "<pad>",
      chat_template: CHAT_TEMPLATE,
    }),
  );
  await writeFile(join(folder, "model.safetensors"), encodeSafetensors(randomTensors(config), new Map([["format", "pt"]])));
  return folder;
}

function randomTensors(config: Config): Map<string, Tensor> {
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const tied = config["tie_word_embeddings"] ?? config["model_type"] === "gpt2";
  const parameters = checkpointParameters(config).filter(({ name }) => tied !== true || name !== "lm_head.weight");
  return new Map(
    parameters.map(({ name, shape, kind }) => {
      const size = shape.reduce((product, dimension) => product * dimension, 1);
      const values = Float32Array.from({ length: size }, () => random() * 0.5 + (kind === "scale" ? 1 : 0));
      return [name, { dtype: "F32", shape, data: fromFloat32("F32", values) }];
    }),
  );
}
