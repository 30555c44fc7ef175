# Small random models, and what PyTorch computes of them with prefixes and bottleneck layers put in by hooks. The folder stands on stdin.
# Writes NAME.onnx (TorchScript), a checkpoint folder for BERT, and CASE.safetensors with the trained tensors, the rows, and "expected".
import json, os, pathlib, sys, torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel, GPT2Config, GPT2Model, LlamaConfig, LlamaModel, ViTConfig, ViTModel

root = pathlib.Path(sys.stdin.read().strip())
torch.manual_seed(5)
D, LAYERS, VOCABULARY = 16, 3, 40
common = dict(attn_implementation="eager")
MODELS = {
    "bert": lambda: BertModel(BertConfig(vocab_size=VOCABULARY, hidden_size=D, num_hidden_layers=LAYERS, num_attention_heads=2, intermediate_size=24, max_position_embeddings=32, **common), add_pooling_layer=False),
    "distilbert": lambda: DistilBertModel(DistilBertConfig(vocab_size=VOCABULARY, dim=D, n_layers=LAYERS, n_heads=2, hidden_dim=24, max_position_embeddings=32, **common)),
    "gpt2": lambda: GPT2Model(GPT2Config(vocab_size=VOCABULARY, n_embd=D, n_layer=LAYERS, n_head=2, n_positions=32, use_cache=False, **common)),
    "llama": lambda: LlamaModel(LlamaConfig(vocab_size=VOCABULARY, hidden_size=D, num_hidden_layers=LAYERS, num_attention_heads=2, num_key_value_heads=1, intermediate_size=24, max_position_embeddings=32, use_cache=False, **common)),
    "vit": lambda: ViTModel(ViTConfig(hidden_size=D, num_hidden_layers=LAYERS, num_attention_heads=2, intermediate_size=24, image_size=8, patch_size=4, **common), add_pooling_layer=False),
}
# Task class prefix, path of the blocks, dense layers behind attention and feed-forward.
PLACES = {
    "bert": ("bert", "encoder.layer", "attention.output.dense", "output.dense"),
    "distilbert": ("distilbert", "transformer.layer", "attention.out_lin", "ffn.lin2"),
    "gpt2": ("transformer", "h", "attn.c_proj", "mlp.c_proj"),
    "llama": ("model", "layers", "self_attn.o_proj", "mlp.down_proj"),
    "vit": ("vit", "layers", "attention.o_proj", "mlp.fc2"),
}
PADDED = {
    "right": ([[3, 7, 9, 11, 5, 6], [4, 8, 12, 0, 0, 0]], [[1] * 6, [1] * 3 + [0] * 3]),
    "left": ([[3, 7, 9, 11, 5, 6], [0, 0, 4, 8, 12, 2]], [[1] * 6, [0] * 2 + [1] * 4]),
}


def randomised(model):
    for parameter in model.parameters():
        parameter.data = torch.randn_like(parameter) * 0.3 + (1 if parameter.dim() == 1 and parameter.data.mean() > 0.5 else 0)
    return model.eval()


def get(module, path):
    for part in path.split("."):
        module = module[int(part)] if part.isdigit() else getattr(module, part)
    return module


def blocks(name, model):
    return list(get(model, PLACES[name][1]))


def first(value):
    return value[0] if isinstance(value, tuple) else value


def like(value, new):
    return (new, *value[1:]) if isinstance(value, tuple) else new


ACTIVATIONS = {"relu": torch.relu, "gelu": torch.nn.functional.gelu, "tanh": torch.tanh}


class Tensors(dict):
    def make(self, module, part, *shape, scale=0.3, shift=0.0):
        self[f"base_model.model.{module}.{part}"] = value = torch.randn(*shape) * scale + shift
        return value


def bottleneck(name, model, tensors, variant, size, activation, dropped):
    prefix, path, attention, output = PLACES[name]
    norm_after = name in ("bert", "distilbert")
    hooks = []
    for index, block in enumerate(blocks(name, model)):
        if index < dropped:
            continue
        module = f"{prefix}.{path}.{index}"

        def branch(place, norm=False, module=module):
            stem = f"{module}.{place}"
            normal = (tensors.make(f"{stem}.norm", "weight", D, shift=1.0), tensors.make(f"{stem}.norm", "bias", D)) if norm else None
            down = (tensors.make(f"{stem}.down", "weight", size, D), tensors.make(f"{stem}.down", "bias", size))
            up = (tensors.make(f"{stem}.up", "weight", D, size), tensors.make(f"{stem}.up", "bias", D))

            def run(x):
                if normal is not None:
                    x = torch.nn.functional.layer_norm(x, (D,), *normal, eps=1e-5)
                return torch.nn.functional.linear(ACTIVATIONS[activation](torch.nn.functional.linear(x, *down)), *up)

            return run

        def on(target, delta):
            hooks.append(target.register_forward_hook(lambda _, __, value: like(value, first(value) + delta(first(value)))))

        if variant in ("H", "D"):
            on(get(block, attention), branch("attention_adapter"))
            on(get(block, output), branch("output_adapter"))
        elif variant == "L" or not norm_after:
            on(block, branch("output_adapter", norm=variant == "L"))
        else:
            delta = branch("output_adapter")
            layer = block.output

            def forward(hidden, given, layer=layer, delta=delta):
                dense = layer.dense(hidden)
                return layer.LayerNorm(dense + delta(layer.LayerNorm(dense + given)) + given)

            original = layer.forward
            layer.forward = forward
            hooks.append(type("Restore", (), {"remove": lambda self, layer=layer, original=original: setattr(layer, "forward", original)})())
    return hooks


def inserted(name, model, tensors, prefix, infix, ids, mask, every):
    stem = PLACES[name][0]
    places = [f"{stem}.{PLACES[name][1]}.{index}.prompt" for index in range(LAYERS)] if every else [f"{stem}.prompt"]
    rows = []
    for place in places:
        parts = [tensors.make(f"{place}.{part}", "weight", count, D, scale=1.0) for part, count in (("prefix", prefix), ("infix", infix)) if count > 0]
        rows.append(torch.cat(parts))
    long_ids, long_mask, where, back = [], [], [], []
    new = list(range(VOCABULARY, VOCABULARY + prefix + infix))
    for row, real in zip(ids, mask):
        begin = real.index(1)
        end = begin + sum(real)
        long_ids.append(row[:begin] + new[:prefix] + row[begin:end] + new[prefix:] + row[end:])
        long_mask.append(real[:begin] + [1] * prefix + real[begin:end] + [1] * infix + real[end:])
        where.append([-1] * begin + list(range(prefix)) + [-1] * (end - begin) + list(range(prefix, prefix + infix)) + [-1] * (len(row) - end))
        back.append([at for at, number in enumerate(where[-1]) if number < 0])
    where = torch.tensor(where)
    old = model.get_input_embeddings().weight.data
    table = torch.nn.Embedding(VOCABULARY + prefix + infix, D)
    table.weight.data = torch.cat([old, torch.zeros(prefix + infix, D) if every else rows[0]])
    model.set_input_embeddings(table)
    hooks = []
    if every:
        for block, value in zip(blocks(name, model), rows):
            def replace(_, args, kwargs, value=value):
                hidden = args[0].clone()
                hidden[where >= 0] = value[where[where >= 0]]
                return (hidden, *args[1:]), kwargs
            hooks.append(block.register_forward_pre_hook(replace, with_kwargs=True))
    hidden = model(input_ids=torch.tensor(long_ids), attention_mask=torch.tensor(long_mask)).last_hidden_state
    for hook in hooks:
        hook.remove()
    table.weight.data = table.weight.data[:VOCABULARY]
    return torch.stack([row[places] for row, places in zip(hidden, back)])


def export(name, model):
    class Wrapped(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for child_name, child in model.named_children():
                setattr(self, child_name, child)
            object.__setattr__(self, "whole", model)

        def forward(self, *inputs):
            if name == "vit":
                return self.whole(pixel_values=inputs[0]).last_hidden_state
            return self.whole(input_ids=inputs[0], attention_mask=inputs[1]).last_hidden_state

    inputs = (torch.randn(2, 3, 8, 8),) if name == "vit" else (torch.tensor(PADDED["right"][0]), torch.tensor(PADDED["right"][1]))
    names = ["pixel_values"] if name == "vit" else ["input_ids", "attention_mask"]
    axes = {"pixel_values": {0: "batch"}} if name == "vit" else {key: {0: "batch", 1: "sequence"} for key in names}
    torch.onnx.export(Wrapped().eval(), inputs, root / f"{name}.onnx", input_names=names, output_names=["last_hidden_state"], dynamic_axes={**axes, "last_hidden_state": {0: "batch", 1: "sequence"}}, opset_version=17, dynamo=False)
    return inputs


CASES = [
    ("bert", dict(name="bottleneck", variant=variant, size=4, activation=activation, dropped=dropped), "right")
    for variant, activation, dropped in (("H", "relu", 0), ("L", "gelu", 0), ("P", "tanh", 0), ("D", "relu", 2))
]
CASES += [("gpt2", dict(name="bottleneck", variant=variant, size=4, activation="gelu", dropped=0), "right") for variant in ("H", "L", "P")]
CASES += [(name, dict(name="bottleneck", variant="H", size=4, activation="relu", dropped=0), "right") for name in ("distilbert", "llama", "vit")]
CASES += [
    (name, dict(name=method, prefix=3, infix=2), padding)
    for name in ("bert", "gpt2", "llama")
    for method in ("prefix-embedding", "prefix-layer")
    for padding in ("right", "left")
]

result = []
with torch.no_grad():
    models = {name: randomised(make()) for name, make in MODELS.items()}
    exported = {name: export(name, model) for name, model in models.items()}
    models["bert"].save_pretrained(root / "bert")
    for index, (name, method, padding) in enumerate(CASES):
        model, tensors = models[name], Tensors()
        ids, mask = PADDED[padding]
        feeds = {"pixel_values": exported[name][0]} if name == "vit" else {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}
        if method["name"] == "bottleneck":
            hooks = bottleneck(name, model, tensors, method["variant"], method["size"], method["activation"], method["dropped"])
            expected = model(**feeds).last_hidden_state
            for hook in hooks:
                hook.remove()
        else:
            expected = inserted(name, model, tensors, method["prefix"], method["infix"], ids, mask, method["name"] == "prefix-layer")
        save_file({**{key: value.contiguous() for key, value in tensors.items()}, **feeds, "expected": expected.contiguous()}, root / f"{index}.safetensors")
        result.append({"model": name, "method": method, "padding": padding, "file": f"{index}.safetensors", "mask": mask})
print(json.dumps(result))
