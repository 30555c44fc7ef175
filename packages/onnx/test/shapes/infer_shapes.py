# What onnx itself infers: models as {name: base64} on stdin, {name: {value: [type, dims]} or {"error": text}} on stdout.
import base64, json, sys
import onnx


def describe(info):
    tensor = info.type.tensor_type
    if not info.type.HasField("tensor_type"):
        return None
    dims = None
    if tensor.HasField("shape"):
        dims = [d.dim_value if d.HasField("dim_value") else (d.dim_param or None) for d in tensor.shape.dim]
    return [tensor.elem_type, dims]


def infer(data):
    model = onnx.load_from_string(base64.b64decode(data))
    try:
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    except Exception as error:
        return {"error": str(error)}
    return {"values": {info.name: describe(info) for info in inferred.graph.value_info}}


print(json.dumps({name: infer(data) for name, data in json.load(sys.stdin).items()}))
