# One kind of step, as often as asked, with PEFT on PyTorch. The argument is JSON; the answer is one line of JSON on stdout.
# {"checkpoint", "kind": "lora" | "full" | "forward", "rows", "length", "rank", "dropout", "steps", "warmup", "threads"}
import json, sys, time

import torch
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification

given = json.loads(sys.argv[1])
torch.set_num_threads(given["threads"])
torch.manual_seed(0)

settings = {"hidden_dropout_prob": given["dropout"], "attention_probs_dropout_prob": given["dropout"]}
model = AutoModelForSequenceClassification.from_pretrained(given["checkpoint"], num_labels=6, **settings)
if given["kind"] != "full":
    model = get_peft_model(
        model,
        LoraConfig(task_type=TaskType.SEQ_CLS, r=given["rank"], lora_alpha=16, lora_dropout=0.0, target_modules=["query", "value"]),
    )
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-4)
batch = {
    "input_ids": torch.randint(1000, 20000, (given["rows"], given["length"])),
    "attention_mask": torch.ones(given["rows"], given["length"], dtype=torch.long),
    "token_type_ids": torch.zeros(given["rows"], given["length"], dtype=torch.long),
    "labels": torch.randint(0, 6, (given["rows"],)),
}


def step():
    loss = model(**batch).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@torch.inference_mode()
def forward():
    return model(**batch).loss.item()


run = forward if given["kind"] == "forward" else step
model.eval() if given["kind"] == "forward" else model.train()
milliseconds = []
for index in range(given["warmup"] + given["steps"]):
    begin = time.perf_counter()
    run()
    if index >= given["warmup"]:
        milliseconds.append(1000 * (time.perf_counter() - begin))

with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
print(json.dumps({"milliseconds": milliseconds, "peak": peak, "trained": sum(p.numel() for p in model.parameters() if p.requires_grad)}))
