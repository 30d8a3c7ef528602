"""Makes clients from infra/openapi.yaml, as an integrator would, and lets them order, look and release on the local cloud:
openapi-python-client makes a whole client, datamodel-code-generator the types alone. Neither may warn of a schema that it
cannot use, and every refusal has to be one type, `Problem`.

Needs Python, `local` (the local cloud) and what `.ci/tools generators` fetches. `just generated` runs it.
"""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import traceback
import urllib.error
import urllib.request

import rie

ROOT = rie.ROOT
OPENAPI = ROOT / "infra/openapi.yaml"
PARENT = "dxcon-ffabc123"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--local", type=pathlib.Path, default=ROOT / "target/debug/local")
    parser.add_argument("--tools", type=pathlib.Path, default=ROOT / "target/tools/generators")
    chosen = parser.parse_args()
    for program in (chosen.local, chosen.tools / "bin/openapi-python-client", chosen.tools / "bin/datamodel-codegen"):
        if not program.is_file():
            sys.exit(f"{program} is not there: `just generated` builds and fetches what this needs")
    return chosen


def generate(chosen, scratch, name, *options):
    """What the generator says. It finds its formatters beside itself."""
    tools = chosen.tools
    environment = os.environ | {"PYTHONPATH": str(tools), "PATH": f"{tools / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, str(tools / "bin" / name), *options]
    done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def order(vlan):
    return {
        "connectionId": PARENT,
        "ownerAccount": "111122223333",
        "bandwidth": "50Mbps",
        "connectionName": "a",
        "vlan": vlan,
        "tags": [{"key": "contract", "value": "C-1"}],
    }


def a_whole_client(chosen, scratch, cloud):
    told = generate(chosen, scratch, "openapi-python-client", "generate", "--path", str(OPENAPI), "--meta", "none",
                    "--output-path", "hosted_connections", "--fail-on-warning")
    assert "Unable" not in told, told
    from hosted_connections import Client, models
    from hosted_connections.api.orders import get_order, list_orders, place_order, release_connection
    from hosted_connections.api.parents import get_parent

    client = Client(base_url=cloud)

    def place(key, body, **more):
        return place_order.sync(client=client, body=models.Order.from_dict(body), idempotency_key=key, **more)

    would_be = place("order-1", order(11), dry_run=True)
    assert isinstance(would_be, models.ForecastAllocated) and would_be.vlan == 11, would_be
    first = place("order-1", order(11))
    assert isinstance(first, models.Receipt) and first.connection.vlan == 11, first
    assert place("order-1", order(11)).to_dict() == first.to_dict()
    reused = place("order-1", order(12))
    assert isinstance(reused, models.Problem) and reused.code == models.ProblemCode.IDEMPOTENCYKEYREUSED, reused
    wrong = place("order-2", order(5000))
    assert isinstance(wrong, models.Problem) and wrong.violations[0].field == "/vlan", wrong
    found = get_order.sync("order-1", client=client)
    assert isinstance(found, models.InspectedOrder) and found.status == models.OrderStatus.ALLOCATED, found
    page = list_orders.sync(client=client)
    assert [one.idempotency_key for one in page.allocations] == ["order-1"], page
    parent = get_parent.sync(PARENT, client=client)
    assert isinstance(parent, models.Parent), parent
    released = release_connection.sync("order-1", client=client)
    assert isinstance(released, models.Receipt) and released.status == models.ReceiptStatus.RELEASED, released
    nobody = get_order.sync("nobody", client=client)
    assert isinstance(nobody, models.Problem) and nobody.code == models.ProblemCode.NOTFOUND, nobody


def the_types_alone(chosen, scratch, cloud):
    generate(chosen, scratch, "datamodel-codegen", "--input", str(OPENAPI), "--input-file-type", "openapi",
             "--output-model-type", "pydantic_v2.BaseModel", "--output", "types_alone.py")
    import types_alone

    assert not [name for name in vars(types_alone) if name.startswith("Problem") and name != "Problem"]

    def ask(method, path, body=None, key=None):
        headers = {"content-type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        data = body.model_dump_json(exclude_none=True).encode() if body else None
        request = urllib.request.Request(cloud + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def read(kind, status, answer):
        assert answer[0] == status, answer
        read = getattr(types_alone, kind).model_validate_json(answer[1])
        # Nothing of the answer gets lost on the way.
        written = json.loads(read.model_dump_json(exclude_unset=True))
        assert set(written) == set(json.loads(answer[1])), (written, answer)
        return read

    good = types_alone.Order.model_validate(order(21))
    read("Forecast", 200, ask("POST", "/allocations?dryRun=true", good, "order-21"))
    receipt = read("Receipt", 201, ask("POST", "/allocations", good, "order-21"))
    assert receipt.connection.vlan == 21, receipt
    problem = read("Problem", 422, ask("POST", "/allocations", types_alone.Order.model_validate(order(22)), "order-21"))
    assert problem.code.value == "IdempotencyKeyReused", problem
    read("InspectedOrder", 200, ask("GET", "/allocations/order-21"))
    read("OrderPage", 200, ask("GET", "/allocations"))
    read("Parent", 200, ask("GET", f"/parents/{PARENT}"))
    read("Problem", 404, ask("GET", "/allocations/nobody"))
    read("Problem", 405, ask("PUT", "/allocations"))
    read("Receipt", 200, ask("DELETE", "/allocations/order-21"))


def main():
    chosen = arguments()
    failures, checks = 0, (a_whole_client, the_types_alone)
    with contextlib.ExitStack() as stack:
        scratch = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # What is generated is imported from there, and what it needs from the tools.
        sys.path[:0] = [str(scratch), str(chosen.tools)]
        cloud = stack.enter_context(rie.local_cloud(chosen.local, scratch))
        for check in checks:
            try:
                check(chosen, scratch, cloud)
                print(f"ok   {check.__name__.replace('_', ' ')}", flush=True)
            except Exception:  # What is wrong with one generator must not hide what is wrong with the other.
                failures += 1
                print(f"FAIL {check.__name__.replace('_', ' ')}\n{traceback.format_exc()}", flush=True)
    print(f"{len(checks) - failures} passed, {failures} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
