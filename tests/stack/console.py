"""`operator console` against the deployed stack: the same pages as beside the local cloud, read-only unless told otherwise."""

import contextlib
import http.client
import json
import re
import urllib.parse

PARENT = "dxcon-ffabc456"


class Console:
    """The page of a running `operator console`."""

    def __init__(self, process):
        self.process = process
        self.address = json.loads(process.stdout.readline())["url"].removeprefix("http://")

    def ask(self, method, path, body=None, **headers):
        client = http.client.HTTPConnection(self.address, timeout=60)
        if body is not None:
            body = urllib.parse.urlencode(body)
            headers["content-type"] = "application/x-www-form-urlencoded"
        client.request(method, path, body, headers)
        answer = client.getresponse()
        text = answer.read().decode()
        client.close()
        return answer.status, text

    def get(self, path):
        return self.ask("GET", path)


@contextlib.contextmanager
def served(stack, *arguments):
    process = stack.operating("console", "--listen", "127.0.0.1:0", *arguments)
    try:
        yield Console(process)
    finally:
        process.kill()
        process.communicate()


def the_console_shows_the_stack_and_only_reads(stack):
    asked = len(stack.requests())
    with served(stack) as console:
        # An order that was adopted before.
        key = "order-1004"

        def is_shown():
            _, page = console.get(f"/console/orders?parent={PARENT}&key={key}")
            return key in page and "allocated" in page

        stack.until(is_shown, "the order on the page")
        status, page = console.get("/")
        assert status == 200 and "read-only" in page and PARENT in page, page[:2000]
        stack.until(lambda: "available" in console.get(f"/console/vlan?parent={PARENT}&vlan=1004")[1] or "ordering" in console.get(f"/console/vlan?parent={PARENT}&vlan=1004")[1], "the VLAN on the map")
        status, story = console.get(f"/console/order?key={key}")
        assert status == 200 and "What happened" in story and "/console/confirm" not in story, story[:2000]
        for path in ("/console/act", "/console/order", "/console/break"):
            status, _ = console.ask("POST", path, {"do": "release", "key": key})
            assert status in (404, 405), (path, status)
        status, _ = console.ask("GET", "/", host="evil.example")
        assert status == 403, status
    sent = {one["operation"] for one in stack.requests()[asked:]}
    assert all(operation.startswith("Describe") for operation in sent), sent


def the_console_adopts_and_releases_when_it_may(stack):
    made = stack.partner().allocate_hosted_connection(
        connectionId=PARENT, ownerAccount="111122223333", bandwidth="50Mbps", connectionName="by hand", vlan=1999
    )["connectionId"]
    with served(stack, "--allow-actions") as console:
        status, page = console.get(f"/console/confirm?do=adopt&parent={PARENT}")
        assert status == 200 and made in page and "would be adopted" in page, page[:3000]
        token = re.search(r'name="token" value="(\w+)"', page)[1]
        status, page = console.ask("POST", "/console/act", {"token": token, "do": "adopt", "parent": PARENT})
        assert status == 200, page[:3000]
        status, page = console.get(f"/console/order?key={made}")
        assert status == 200 and "Release…" in page, page[:3000]
        status, page = console.ask("POST", "/console/act", {"token": "guessed", "do": "release", "key": made})
        assert status == 403, (status, page)
        status, page = console.ask("POST", "/console/act", {"token": token, "do": "release", "key": made})
        assert status == 200, page[:3000]
    assert not stack.connections(1999)


CHECKS = [the_console_shows_the_stack_and_only_reads, the_console_adopts_and_releases_when_it_may]
