"""How fast the console is when there is much to show: ten parents of 4,000 VLANs each, 10,000 orders, in Chromium.

`operator console` looks at the benchmarks' local cloud, filled in bulk, with a map of mixed states in sight. Measured in the
browser: how long it takes to the first paint, and how long from the stream's word of a new order until it is painted. What the
server needs of that to draw, and the processor time of the whole server, are told beside it.

Needs `cargo build -p operator -p bench-cloud`, Chromium with its driver, and `.ci/tools browser`.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import urllib.request

import browser

ROOT = browser.ROOT
PARENTS, VLANS, ORDERS = 10, 4000, 10_000
UPDATES = 8
FIRST = "dxcon-copies0000"
# What issue and documentation promise, on two cores.
MOST_PAINT_MS, MOST_UPDATE_MS = 1000, 100

# The local cloud wants to see that a request is signed, whoever signed it.
SIGNED = {
    "content-type": "application/x-amz-json-1.0",
    "authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
    "x-amz-date": "20260101T000000Z",
}

# The stream's word, the redraws that follow it, and when the browser has painted the last of them.
WATCH = """
window.updates = [];
let update = null;
const stream = new EventSource("/console/live");
stream.addEventListener("changed", () => { update = { heard: performance.now(), parts: [] }; });
const observer = new MutationObserver((changes) => {
  if (!update) return;
  const mine = update;
  if (!mine.parts.length) window.updates.push(mine);
  for (const { target } of changes) {
    const part = (target.closest ? target : target.parentElement)?.closest("[data-parts]")?.id ?? "";
    if (!mine.parts.includes(part)) mine.parts.push(part);
  }
  mine.drawn = performance.now();
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { mine.painted = performance.now(); };
    port2.postMessage(0);
  });
});
observer.observe(document.querySelector("main"), { childList: true, subtree: true, attributes: true, characterData: true });
const timings = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (update && entry.name.includes("/console/parts")) {
      update.server = entry.serverTiming[0]?.duration ?? 0;
      update.answered = entry.responseEnd;
    }
  }
});
timings.observe({ type: "resource" });
"""


class Cloud:
    """The benchmarks' cloud, and a console that looks at it."""

    def __init__(self, folder):
        command = [folder / "bench-cloud", "--parents", "dxcon-copies0", "--of-each", str(PARENTS)]
        self.cloud = subprocess.Popen(command, stdout=subprocess.PIPE)
        told = json.loads(self.cloud.stdout.readline())
        self.aws = told["url"]
        environment = {**told["environment"], "AWS_ENDPOINT_URL": self.aws, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
        command = [folder / "operator", "--json", "console", "--listen", "127.0.0.1:0"]
        self.table = environment["ALLOCATIONS_TABLE_NAME"]
        self.console = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        line = self.console.stdout.readline()
        self.url = json.loads(line)["url"]

    def stop(self):
        for process in (self.console, self.cloud):
            process.kill()
            process.wait()

    def tell(self, path, body, target=None):
        headers = {**SIGNED, "x-amz-target": f"DynamoDB_20120810.{target}"} if target else {}
        request = urllib.request.Request(self.aws + path, json.dumps(body).encode(), headers)
        return json.load(urllib.request.urlopen(request, timeout=120))

    def put(self, record, lease, number):
        """An order on the parent in sight: its lease, and its record."""
        key = f"news-{number:04}"
        leased = {**lease, "pk": {"S": f"parent#{FIRST}"}, "sk": {"S": f"vlan#{VLANS + 1 + number:04}"}, "holder": {"S": key}}
        item = {**record, "pk": {"S": f"allocation#{key}"}, "parentConnectionId": {"S": FIRST}}
        item["claimedAtMs"] = {"N": str(int(time.time() * 1000))}
        for each in (leased, item):
            self.tell("/", {"TableName": self.table, "Item": each}, "PutItem")
        return key

    def processor_ms(self):
        """What the console has used of the processor."""
        fields = pathlib.Path(f"/proc/{self.console.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def fill(cloud, record, lease):
    for number in range(PARENTS):
        cloud.tell("/crowd", {"parent": f"dxcon-copies0{number:03}", "lease": lease, "vlans": VLANS})
    cloud.tell("/records", {"record": record, "count": ORDERS})
    # A map that is not one surface: every other VLAN is of an order that has no connection, or has another one.
    for vlan in range(1, 1001, 2):
        key = {"pk": {"S": f"parent#{FIRST}"}, "sk": {"S": f"vlan#{vlan:04}"}}
        cloud.tell("/", {"TableName": cloud.table, "Key": key}, "DeleteItem")


def templates(local):
    """A record and a lease as the functions write them."""
    server = browser.Server(local)
    try:
        server.order("order-1", 101, "Example Corp")
        request = {"TableName": "allocations"}
        headers = {**SIGNED, "x-amz-target": "DynamoDB_20120810.Scan"}
        asked = urllib.request.Request(server.url, json.dumps(request).encode(), headers)
        items = json.load(urllib.request.urlopen(asked))["Items"]
    finally:
        server.stop()
    (record,) = [item for item in items if item["pk"]["S"] == "allocation#order-1"]
    (lease,) = [item for item in items if item.get("sk", {}).get("S") == "vlan#0101"]
    return record, lease


def paint(page):
    page.until("the page has painted", lambda: page.run("return performance.getEntriesByName('first-contentful-paint').length"))
    entry = page.run(
        "const [paint] = performance.getEntriesByName('first-contentful-paint');"
        "const [load] = performance.getEntriesByType('navigation'); return [paint.startTime, load.domContentLoadedEventEnd]"
    )
    return max(entry)


def measure(page, cloud, record, lease):
    paints = []
    page.open()
    page.patient("all parents are read", lambda: "Reading" not in page.text("main"), 240)
    for _ in range(5):
        page.open()
        paints.append(paint(page))
    page.until("the page is live", lambda: "live" in page.text("[data-live-state]"))
    time.sleep(2)
    page.run(WATCH)
    used = cloud.processor_ms()
    for number in range(UPDATES):
        key = cloud.put(record, lease, number)
        page.patient("the order is shown", lambda: key in page.text("#part-orders"), 60)
    time.sleep(1)
    used = (cloud.processor_ms() - used) / UPDATES
    return paints, page.run("return window.updates"), used


def tell(name, times, most=None):
    promised = f"; at most {most} ms promised" if most else ""
    print(f"{name}: median {statistics.median(times):.0f} ms, longest {max(times):.0f} ms of {len(times)}{promised}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--built", type=pathlib.Path, default=ROOT / "target/debug", help="where local, operator and bench-cloud are")
    folder = parser.parse_args().built
    record, lease = templates(folder / "local")
    cloud = Cloud(folder)
    page = None
    try:
        started = time.monotonic()
        fill(cloud, record, lease)
        print(f"{PARENTS} parents of {VLANS} VLANs and {ORDERS} orders are there after {time.monotonic() - started:.0f} s", flush=True)
        page = browser.Page(cloud)
        paints, updates, used = measure(page, cloud, record, lease)
    finally:
        if page:
            page.driver.quit()
        cloud.stop()
    painted = [update["painted"] - update["heard"] for update in updates]
    tell("first paint", paints, MOST_PAINT_MS)
    tell("update, from the stream's word to the paint", painted, MOST_UPDATE_MS)
    tell("  of it drawing on the server", [update["server"] for update in updates])
    tell("  of it until the answer is there", [update["answered"] - update["heard"] for update in updates])
    tell("  of it until the page is changed", [update["drawn"] - update["heard"] for update in updates])
    print(f"processor time of the server: {used:.0f} ms for each order, with all that it reads; load {os.getloadavg()[0]:.1f}")
    sys.exit(statistics.median(paints) > MOST_PAINT_MS or statistics.median(painted) > MOST_UPDATE_MS)


if __name__ == "__main__":
    main()
