# Reads and runs .onnx_adapter files with ONNX Runtime's own Python: one JSON request a line on stdin, one answer a line on stdout.
import json, sys
import numpy as np
import onnxruntime as ort


def read(request):
    adapter = ort.AdapterFormat.read_adapter(request["file"])
    return {name: {"shape": list(value.shape()), "values": value.numpy().flatten().tolist()} for name, value in adapter.get_parameters().items()}


def write(request):
    adapter = ort.AdapterFormat()
    adapter.set_parameters({name: ort.OrtValue.ortvalue_from_numpy(np.array(one["values"], dtype=one.get("dtype", "float32")).reshape(one["shape"])) for name, one in request["parameters"].items()})
    adapter.export_adapter(request["file"])
    return {}


def run(request):
    session = ort.InferenceSession(request["graph"], providers=["CPUExecutionProvider"])
    options = ort.RunOptions()
    if "file" in request:
        adapter = ort.LoraAdapter()
        adapter.Load(request["file"])
        options.add_active_adapter(adapter)
    answers = []
    for row in request["rows"]:
        feeds = {"input_ids": [row], "attention_mask": [[1] * len(row)], "token_type_ids": [[0] * len(row)]}
        names = {one.name for one in session.get_inputs()}
        outputs = session.run(None, {name: np.array(value, dtype=np.int64) for name, value in feeds.items() if name in names}, options)
        answers.append(outputs[0].flatten().tolist())
    return {"rows": answers}


for line in sys.stdin:
    request = json.loads(line)
    try:
        result = {"read": read, "write": write, "run": run}[request["do"]](request)
    except Exception as cause:
        result = {"error": f"{type(cause).__name__}: {cause}"[:2000]}
    print(json.dumps(result), flush=True)
