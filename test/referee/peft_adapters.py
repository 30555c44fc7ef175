# Makes bases and PEFT adapters on them, and runs them: one JSON request a line on stdin, one answer a line on stdout.
import json, os, sys, warnings
import torch, transformers, peft

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()


def base(request):
    torch.manual_seed(request.get("seed", 1))
    config = transformers.AutoConfig.for_model(**request["config"])
    model = getattr(transformers, request["class"])(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    model.save_pretrained(request["folder"])
    return {}


def load(request):
    options = {"num_labels": request["labels"]} if "labels" in request else {}
    return getattr(transformers, request["class"]).from_pretrained(request["base"], dtype=torch.float32, **options).eval()


def run(model, rows):
    with torch.no_grad():
        outputs = [model(input_ids=torch.tensor([row]), attention_mask=torch.ones(1, len(row), dtype=torch.long)) for row in rows]
    return [(o.logits if "logits" in o else o.last_hidden_state).flatten().tolist() for o in outputs]


def adapt(request):
    torch.manual_seed(request.get("seed", 7))
    config = (peft.IA3Config if request.get("type") == "ia3" else peft.LoraConfig)(**request["config"])
    model = peft.get_peft_model(load(request), config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * request.get("size", 0.2))
    model.save_pretrained(request["folder"])
    return answer(request)


def answer(request):
    model = peft.PeftModel.from_pretrained(load(request), request["folder"]).eval()
    attached = run(model, request["rows"])
    return {"attached": attached, "merged": run(model.merge_and_unload(), request["rows"]), "plain": run(load(request), request["rows"])}


def scales(request):
    model = peft.PeftModel.from_pretrained(load(request), request["folder"])
    return {name: layer.scaling["default"] for name, layer in model.named_modules() if getattr(layer, "scaling", None)}


for line in sys.stdin:
    request = json.loads(line)
    try:
        result = {"base": base, "adapt": adapt, "answer": answer, "scales": scales}[request["do"]](request)
    except Exception as cause:
        result = {"error": f"{type(cause).__name__}: {cause}"[:2000]}
    print(json.dumps(result), flush=True)
