"""Deploys template.yaml into an emulator of AWS that is not ours, with the deployed build of the functions, and sends
orders through it: queue, event source mapping, function, table, bus; dead letters, redrive, HTTP API, releases.

Needs what `just stack` fetches and builds. README.md beside this file says what the emulator cannot do.
"""

import argparse
import contextlib
import pathlib
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PACKAGES = ROOT / "target/tools/stack"
# So many failures of what waits for things to happen, and the rest would only wait as well.
ENOUGH = 3
# Our neighbours, and the emulator with its SDK.
sys.path[:0] = [str(HERE.parent), str(PACKAGES)]

import rie  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--functions", type=pathlib.Path, default=ROOT / "target/lambda", help="where their folders are")
    parser.add_argument("--template", type=pathlib.Path, default=ROOT / "template.yaml")
    parser.add_argument("--local", type=pathlib.Path, default=ROOT / "target/debug/local")
    parser.add_argument("--operator", type=pathlib.Path, default=ROOT / "target/debug/operator")
    return parser.parse_args()


def main():
    chosen = arguments()
    performed = failed = 0
    for choice in deployment.choices(chosen.template):
        print(f"\n{' '.join(f'{name}={value}' for name, value in choice.items()) or 'as it is'}:")
        found = deploy_and_order(chosen, choice)
        checks = declared.CHECKS + orders.CHECKS + brownfield.CHECKS + console.CHECKS + conformance.CHECKS
        performed, failed = performed + len(checks), failed + found
    print(f"{performed - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def deploy_and_order(chosen, choice):
    """Everything from an empty account to the report; how many checks have failed."""
    with contextlib.ExitStack() as cleanup:
        scratch = pathlib.Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
        direct_connect = cleanup.enter_context(rie.local_cloud(chosen.local, scratch))
        account = emulator(cleanup, scratch, direct_connect)
        started = time.monotonic()
        deployed = deployment.Deployment(account, chosen.template, chosen.functions, choice)
        print(f"deployed in {time.monotonic() - started:.1f} s: {len(deployed.ids)} resources")
        the_stack = stack.Stack(account, deployed, direct_connect)
        failed = perform(declared.CHECKS, the_stack)
        the_stack.hurry()
        failed += perform(orders.CHECKS, the_stack)
        the_stack.operator = chosen.operator
        failed += perform(brownfield.CHECKS, the_stack)
        failed += perform(console.CHECKS, the_stack)
        failed += perform(conformance.CHECKS, the_stack)
        deployed.left_out += declared.ignored(the_stack)
        report(deployed)
        if failed:
            print(f"the emulator's log:\n{(scratch / 'emulator.log').read_text(errors='replace')[-20000:]}")
    return failed


def emulator(cleanup, scratch, direct_connect):
    """Starts it, or passes with the reason why not: a machine on which it does not run has not failed."""
    try:
        return cleanup.enter_context(account_module.running(PACKAGES, scratch, direct_connect))
    except SystemExit as reason:
        print(f"skipped: the emulator does not start: {str(reason).splitlines()[-1]}")
        sys.exit(0)


def perform(checks, the_stack):
    """One after the other; how many have failed."""
    failed = 0
    for position, check in enumerate(checks):
        if failed == ENOUGH:
            print(f"FAIL {len(checks) - position} more, which were not tried: what they would wait for does not come")
            return failed + len(checks) - position
        started, why = time.monotonic(), ""
        try:
            check(the_stack)
        except Exception:  # What is wrong with one thing must not hide what is wrong with the others.
            why, failed = traceback.format_exc(), failed + 1
        seconds = time.monotonic() - started
        print(f"{'FAIL' if why else 'ok  '} {check.__name__.replace('_', ' '):85} {seconds:4.1f} s")
        for line in why.splitlines():
            print(f"     {line}")
    return failed


def report(deployed):
    """By type, what there is and what the emulator would not have."""
    counts = {}
    for resource in deployed.template["Resources"].values():
        counts.setdefault(resource["Type"], [0, 0])[0] += 1
    for kind, _, _ in deployed.left_out:
        counts.setdefault(kind, [0, 0])[1] += 1
    print("\ncreated  left out  type")
    for kind, (created, left_out) in sorted(counts.items()):
        print(f"{created:7}  {left_out or '-':>8}  {kind}")
    for kind, name, reason in deployed.left_out:
        print(f"left out: {name} ({kind}): {reason}")


if __name__ == "__main__":
    if not PACKAGES.is_dir():
        sys.exit("`just stack` fetches what this needs")
    import account as account_module
    import brownfield
    import conformance
    import console
    import declared
    import deployment
    import orders
    import stack

    main()
