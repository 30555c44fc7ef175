# Stock clients of the Hub against a registry of Graft's: one JSON request a line on stdin, one answer a line on stdout. HF_ENDPOINT and HF_TOKEN are set.
import json, os, subprocess, sys, warnings

warnings.filterwarnings("ignore")
import torch, transformers, peft
import huggingface_hub
from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RemoteEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

transformers.logging.set_verbosity_error()
ROWS = [[1, 5, 9, 2], [3, 3, 7, 11]]


def run(model):
    with torch.no_grad():
        return [model(input_ids=torch.tensor([row])).last_hidden_state.flatten().tolist() for row in ROWS]


def load(request):
    return transformers.AutoModel.from_pretrained(request["base"], dtype=torch.float32).eval()


def make(request):
    torch.manual_seed(1)
    config = transformers.BertConfig(vocab_size=32, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, max_position_embeddings=16)
    transformers.BertModel(config).save_pretrained(request["base"])
    return {}


def adapt(request, size):
    torch.manual_seed(7)
    model = peft.get_peft_model(load(request), peft.LoraConfig(r=4, lora_alpha=8, target_modules=["query", "value"], task_type="FEATURE_EXTRACTION"))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * size)
    model.peft_config["default"].base_model_name_or_path = request["baseName"]
    return model.eval()


def upload(request):
    """`hf upload`, as it is typed."""
    model = adapt(request, 0.03)
    model.save_pretrained(request["folder"])
    hf = os.path.join(os.path.dirname(sys.executable), "hf")
    done = subprocess.run([hf, "upload", request["repo"], request["folder"]], capture_output=True, text=True)
    return {"status": done.returncode, "output": done.stdout + done.stderr, "rows": run(model)}


def push(request):
    model = adapt(request, 0.05)
    model.push_to_hub(request["repo"])
    return {"rows": run(model)}


def readme(request):
    """A commit of one file keeps the others."""
    HfApi().upload_file(repo_id=request["repo"], path_or_fileobj=b"# Topics\n", path_in_repo="README.md")
    return {"text": open(hf_hub_download(request["repo"], "README.md")).read()}


def pull(request):
    model = peft.PeftModel.from_pretrained(load(request), request["repo"], revision=request["revision"]).eval()
    return {"rows": run(model)}


def download(request):
    repo, api = request["repo"], HfApi()
    path = hf_hub_download(repo, "adapter.safetensors", revision=request["revision"])
    folder = snapshot_download(repo, revision=request["revision"])
    info = api.model_info(repo, revision=request["revision"])
    refs = api.list_repo_refs(repo)
    return {
        "path": path,
        "files": sorted(os.listdir(folder)),
        "commit": os.path.basename(folder),
        "sha": info.sha,
        "listed": sorted(api.list_repo_files(repo)),
        "exists": [api.file_exists(repo, "adapter_config.json"), api.file_exists(repo, "pytorch_model.bin"), api.repo_exists(repo)],
        "branches": {ref.name: ref.target_commit for ref in refs.branches},
        "tags": {ref.name: ref.target_commit for ref in refs.tags},
        "found": [model.id for model in api.list_models(search="topics")],
        "who": api.whoami()["name"],
        "paths": [(entry.path, entry.size) for entry in api.get_paths_info(repo, ["adapter.safetensors"])],
        "verified": api.verify_repo_checksums(repo, revision=request["revision"]).mismatches,
    }


def kind(work):
    try:
        work()
    except Exception as cause:
        return [type(cause).__name__, str(cause)]
    return None


def faults(request):
    repo, api = request["repo"], HfApi()
    return {
        "repo": kind(lambda: hf_hub_download("acme/nothing", "adapter.safetensors")),
        "revision": kind(lambda: hf_hub_download(repo, "adapter.safetensors", revision="9.9.9")),
        "entry": kind(lambda: hf_hub_download(repo, "pytorch_model.bin")),
        "pickle": kind(lambda: api.upload_file(repo_id=repo, path_or_fileobj=b"\x80\x04.", path_in_repo="training_args.bin")),
        "base": kind(lambda: api.upload_folder(repo_id=repo, folder_path=request["stranger"])),
        "branch": kind(lambda: api.upload_file(repo_id=repo, path_or_fileobj=b"#", path_in_repo="README.md", revision="dev")),
        "anonymous": kind(lambda: HfApi(token=False).upload_file(repo_id=repo, path_or_fileobj=b"#", path_in_repo="README.md")),
    }


DO = {"make": make, "upload": upload, "push": push, "pull": pull, "readme": readme, "download": download, "faults": faults}
answers = sys.stdout
# Progress bars and notes of the clients are no answers.
sys.stdout = sys.stderr
for line in sys.stdin:
    request = json.loads(line)
    try:
        result = DO[request["do"]](request)
    except Exception as cause:
        result = {"error": f"{type(cause).__name__}: {cause}"[:2000]}
    print(json.dumps(result), file=answers, flush=True)
