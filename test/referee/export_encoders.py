# Makes a tiny checkpoint of each encoder family in the folder that stands on stdin's first line, as the base class saves it and as
# a task class does, and exports it as each era of exporters did, and as ONNX Runtime's own tools optimise it.
# The second line is {family: config.json}; what exists is kept. Prints {family: {form: path}} as JSON on the last line.
import json, os, pathlib, shutil, sys, tempfile, warnings

warnings.filterwarnings("ignore")
import torch
from transformers import AutoConfig, AutoModel, AutoModelForImageClassification, AutoModelForSequenceClassification

root = pathlib.Path(sys.stdin.readline().strip()).resolve()
families = json.loads(sys.stdin.readline())
torch.set_num_threads(1)


def randomised(model):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(0, 0.3)
            if parameter.dim() == 1 and name.endswith("weight"):
                parameter.add_(1)
    return model.eval()


class LastHiddenState(torch.nn.Module):
    """The model under its own names of modules, with one output."""

    def __init__(self, folder, names):
        super().__init__()
        model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
        for name, child in model.named_children():
            setattr(self, name, child)
        for name, parameter in model.named_parameters(recurse=False):
            setattr(self, name, parameter)
        object.__setattr__(self, "whole", model)
        object.__setattr__(self, "names", names)

    def forward(self, *inputs):
        return self.whole(**dict(zip(self.names, inputs))).last_hidden_state


def inputs_of(config):
    if config.model_type == "vit":
        return {"pixel_values": torch.rand(2, config.num_channels, config.image_size, config.image_size)}
    names = ["input_ids", "attention_mask"] + (["token_type_ids"] if getattr(config, "type_vocab_size", 0) > 1 else [])
    return {name: torch.ones(2, 8, dtype=torch.int64) for name in names}


def torchscript(folder, opset):
    def build(path):
        feeds = inputs_of(AutoConfig.from_pretrained(folder))
        axes = {name: {0: "batch"} if name == "pixel_values" else {0: "batch", 1: "sequence"} for name in feeds}
        axes["last_hidden_state"] = {0: "batch"} if "pixel_values" in feeds else {0: "batch", 1: "sequence"}
        torch.onnx.export(
            LastHiddenState(folder, list(feeds)), tuple(feeds.values()), str(path), input_names=list(feeds),
            output_names=["last_hidden_state"], dynamic_axes=axes, opset_version=opset, dynamo=False,
        )
    return build


def dynamo(folder, opset):
    def build(path):
        feeds = inputs_of(AutoConfig.from_pretrained(folder))
        batch, sequence = torch.export.Dim("batch"), torch.export.Dim("sequence")
        shapes = (tuple({0: batch} if name == "pixel_values" else {0: batch, 1: sequence} for name in feeds),)
        torch.onnx.export(
            LastHiddenState(folder, list(feeds)), tuple(feeds.values()), str(path), input_names=list(feeds),
            output_names=["last_hidden_state"], dynamic_shapes=shapes, opset_version=opset, dynamo=True, verbose=False, external_data=False,
        )
    return build


def optimised_session(source):
    def build(path):
        import onnxruntime as ort
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(path)
        ort.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
    return build


def optimised_transformer(source, config):
    def build(path):
        from onnxruntime.transformers import optimizer
        kind = "vit" if config.model_type == "vit" else "bert"
        model = optimizer.optimize_model(str(source), model_type=kind, num_heads=config.num_attention_heads, hidden_size=config.hidden_size, opt_level=0)
        model.save_model_to_file(str(path))
    return build


def part(path, build):
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
            made = pathlib.Path(temporary) / path.name
            build(made)
            os.rename(made, path)
    return str(path)


def checkpoint(folder, model):
    if not folder.exists():
        temporary = pathlib.Path(tempfile.mkdtemp(dir=folder.parent))
        model().save_pretrained(temporary)
        os.chmod(temporary, 0o755)
        os.rename(temporary, folder)
    return folder


def forms(name, given):
    torch.manual_seed(0)
    config = AutoConfig.for_model(**given)
    home = root / name
    home.mkdir(parents=True, exist_ok=True)
    task = AutoModelForImageClassification if config.model_type == "vit" else AutoModelForSequenceClassification
    classified = checkpoint(home / "task", lambda: randomised(task.from_config(config)))
    # The base of that class, so that both have the same weights.
    bare = checkpoint(home / "base", lambda: AutoModel.from_pretrained(classified))
    (home / "config.json").exists() or shutil.copy(bare / "config.json", home / "config.json")
    made = {"checkpoint": str(bare), "task": str(classified)}
    made["torchscript 14"] = part(home / "torchscript-14.onnx", torchscript(bare, 14))
    made["torchscript 17"] = part(home / "torchscript-17.onnx", torchscript(bare, 17))
    # Takes seconds: one family has the older operator set.
    opset = 18 if config.model_type == "deberta-v2" else 20
    made["dynamo"] = part(home / f"dynamo-{opset}.onnx", dynamo(bare, opset))
    source = pathlib.Path(made["torchscript 17"])
    made["optimised by a session"] = part(home / "session.onnx", optimised_session(source))
    made["optimised for transformers"] = part(home / "optimised.onnx", optimised_transformer(source, config))
    if config.model_type == "distilbert":
        made["dynamo, optimised for transformers"] = part(home / "optimised-dynamo.onnx", optimised_transformer(pathlib.Path(made["dynamo"]), config))
    return made


print(json.dumps({name: forms(name, given) for name, given in families.items()}))
