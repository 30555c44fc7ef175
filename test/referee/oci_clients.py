# The Python client of ORAS against a registry of Graft's: one JSON request a line on stdin, one answer a line on stdout.
import json, os, sys
import oras.client


def pull(request):
    client = oras.client.OrasClient(hostname=request["host"], insecure=True)
    if "token" in request:
        client.login(hostname=request["host"], username="graft", password=request["token"], insecure=True)
    files = client.pull(target=f"{request['host']}/{request['reference']}", outdir=request["folder"])
    return {"files": sorted(os.path.basename(file) for file in files)}


answers = sys.stdout
sys.stdout = sys.stderr
for line in sys.stdin:
    try:
        result = pull(json.loads(line))
    except Exception as cause:
        result = {"error": f"{type(cause).__name__}: {cause}"[:2000]}
    print(json.dumps(result), file=answers, flush=True)
