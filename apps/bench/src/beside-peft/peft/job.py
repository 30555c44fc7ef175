# Fine-tunes a classifier on JSONL rows with PEFT on PyTorch, saves the adapter, then says how many held-out rows it gets right.
# The argument is JSON: {"checkpoint", "train", "test", "output", "method": "lora" | "head", "rank", "dropout", "epochs", "batch", "rate",
# "seed", "threads"}
# Prints {"seconds"} since the process started when the adapter lies in its folder, at last {"accuracy", "peak"}.
import json, sys

import torch
from peft import LoraConfig, TaskType, get_peft_model
from torch.utils.data import DataLoader
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, get_linear_schedule_with_warmup

given = json.loads(sys.argv[1])
torch.set_num_threads(given["threads"])
torch.manual_seed(given["seed"])


def read(path):
    with open(path) as file:
        return [json.loads(line) for line in file]


train, test = read(given["train"]), read(given["test"])
labels = sorted({row["label"] for row in train})
tokenizer = AutoTokenizer.from_pretrained(given["checkpoint"])


def encode(rows):
    encoded = tokenizer([row["text"] for row in rows], truncation=True, max_length=128)
    return [{"labels": labels.index(row["label"]), **{key: encoded[key][index] for key in encoded}} for index, row in enumerate(rows)]


collate = DataCollatorWithPadding(tokenizer)
loader = DataLoader(encode(train), batch_size=given["batch"], shuffle=True, collate_fn=collate)

dropout = {"hidden_dropout_prob": given["dropout"], "attention_probs_dropout_prob": given["dropout"]}
model = AutoModelForSequenceClassification.from_pretrained(given["checkpoint"], num_labels=len(labels), **dropout)
if given["method"] == "lora":
    model = get_peft_model(
        model,
        LoraConfig(task_type=TaskType.SEQ_CLS, r=given["rank"], lora_alpha=2 * given["rank"], lora_dropout=0.0, target_modules=["query", "value"]),
    )
else:
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith("classifier")
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=given["rate"], weight_decay=0.01)
steps = given["epochs"] * len(loader)
schedule = get_linear_schedule_with_warmup(optimizer, int(0.06 * steps), steps)

model.train()
padded = real = 0
for epoch in range(given["epochs"]):
    for batch in loader:
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        padded += batch["input_ids"].numel()
        real += int(batch["attention_mask"].sum())
model.save_pretrained(given["output"])
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
with open("/proc/self/stat") as stat, open("/proc/uptime") as uptime:
    # Field 22: when the process started, in hundredths of a second since the machine did.
    age = float(uptime.read().split()[0]) - int(stat.read().rsplit(")", 1)[1].split()[19]) / 100
print(json.dumps({"seconds": age}), flush=True)

model.eval()
right = 0
with torch.inference_mode():
    for batch in DataLoader(encode(test), batch_size=32, collate_fn=collate):
        right += int((model(**batch).logits.argmax(-1) == batch["labels"]).sum())
print(json.dumps({"accuracy": right / len(test), "peak": peak, "padded": padded, "real": real}), flush=True)
