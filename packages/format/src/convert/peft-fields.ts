/** What a field of `adapter_config.json` is to a reader. */
export type FieldRule =
  /** Read, and given a meaning. */
  | "read"
  /** Changes nothing of what the stored tensors compute; the reason stands beside it. */
  | "harmless"
  /** Changes the computation in a way that Graft does not have: only null, false, and empty are taken. */
  | "refused";

type Fields = Readonly<Record<string, FieldRule>>;

/** Fields that every PEFT method has. */
const COMMON: Fields = {
  peft_type: "read",
  task_type: "read",
  // Where it came from.
  base_model_name_or_path: "read",
  revision: "read",
  peft_version: "read",
  auto_mapping: "harmless",
  // A mode of the program that wrote it.
  inference_mode: "harmless",
  runtime_config: "harmless",
};

/** Which modules are adapted. */
const SELECTION: Fields = {
  target_modules: "read",
  exclude_modules: "read",
  modules_to_save: "read",
  // Follows from the class of each layer: PEFT itself corrects it when it builds the layer.
  fan_in_fan_out: "harmless",
};

/** Every field of PEFT's configurations that Graft knows, by `peft_type`. What is not here is refused unless it is null, false or empty. */
export const PEFT_FIELDS: Readonly<Record<string, Fields>> = {
  LORA: {
    ...COMMON,
    ...SELECTION,
    r: "read",
    lora_alpha: "read",
    use_rslora: "read",
    use_dora: "read",
    rank_pattern: "read",
    alpha_pattern: "read",
    bias: "read",
    lora_bias: "read",
    init_lora_weights: "read",
    target_parameters: "read",
    layers_to_transform: "read",
    layers_pattern: "read",
    trainable_token_indices: "read",
    // Of training alone.
    lora_dropout: "harmless",
    // Options of a start whose result is in the tensors, or that init_lora_weights refuses.
    loftq_config: "harmless",
    eva_config: "harmless",
    corda_config: "harmless",
    lora_ga_config: "harmless",
    // Options of switches that are refused when they are on.
    megatron_core: "harmless",
    qalora_group_size: "harmless",
    // Other computations.
    megatron_config: "refused",
    use_qalora: "refused",
    use_bdlora: "refused",
    alora_invocation_tokens: "refused",
    arrow_config: "refused",
    kasa_config: "refused",
    velora_config: "refused",
    monteclora_config: "refused",
    // Another number of layers.
    layer_replication: "refused",
    // One pair for two layers.
    ensure_weight_tying: "refused",
  },
  IA3: {
    ...COMMON,
    ...SELECTION,
    feedforward_modules: "read",
    init_ia3_weights: "harmless",
  },
};
