"""The console in a real browser: what a person does with it, and what must not happen while they do.

Drives Chromium against `local serve`: an order placed by the form appears, a lost answer is found, the map changes, the keyboard
reaches everything, axe-core finds nothing serious, the content security policy holds, a customer's script stays text, the page
works without JavaScript and at 360 pixels, and finds its server again.

Needs `local` (`cargo build`), Chromium with its driver (Debian: chromium, chromium-driver), and `.ci/tools browser`.
With `--screenshots` it also makes the pictures of the README in docs/.
"""

import http.client
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOLS = ROOT / "target/tools/browser"
AXE = ROOT / "target/tools/axe"
LOCAL = ROOT / "target/debug/local"
sys.path.insert(0, str(TOOLS))

PARENT = "dxcon-ffabc123"
NAME = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>\u202eevil"
PATIENCE_S = 10


class Server:
    """A `local serve` on a port of its own, which can be stopped and started."""

    def __init__(self, local):
        self.local = local
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        command = [self.local, "serve", "--json", "--listen", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.process.stdout.readline()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def order(self, key, vlan, name, bandwidth="50Mbps"):
        body = {"connectionId": PARENT, "ownerAccount": "111122223333", "bandwidth": bandwidth, "connectionName": name, "vlan": vlan}
        headers = {"idempotency-key": key, "content-type": "application/json"}
        request = urllib.request.Request(f"{self.url}/allocations", json.dumps(body).encode(), headers)
        return json.load(urllib.request.urlopen(request))


class Page:
    """The browser, and what it has asked for and complained of."""

    def __init__(self, server):
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service

        options = Options()
        options.binary_location = shutil.which("chromium")
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,1600"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.server = server

    def open(self, path="/"):
        self.driver.get(self.server.url + path)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def one(self, selector):
        return self.driver.find_element("css selector", selector)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def click(self, selector):
        element = self.one(selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def until(self, what, condition):
        self.patient(what, condition, PATIENCE_S)

    def patient(self, what, condition, patience_s):
        deadline = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} does not happen within {patience_s} s")
            time.sleep(0.05)

    def cdp(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def foreign_requests(self):
        sent = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                sent.append(message["params"]["request"]["url"])
        return [url for url in sent if not url.startswith((self.server.url, "data:", "about:", "chrome:"))]

    def is_quiet(self):
        orders = json.load(urllib.request.urlopen(f"{self.server.url}/allocations"))["allocations"]
        return all(order["status"] in ("allocated", "rejected", "released") for order in orders)

    def complaints(self):
        wanted = ("Content Security Policy", "Refused to", "Uncaught", "violates")
        return [entry["message"] for entry in self.driver.get_log("browser") if any(word in entry["message"] for word in wanted)]

    def legend(self, word):
        return self.run(
            "return [...document.querySelectorAll('.legend li')].find((each) => each.textContent.includes(arguments[0]))?.querySelector('b').textContent ?? ''",
            word,
        )


def an_order_placed_by_the_form_appears(page):
    page.open()
    page.until("the page is live", lambda: "live" in page.text("[data-live-state]"))
    key = page.one("form.order input[name=key]").get_attribute("value")
    page.one("form.order input[name=vlan]").send_keys("101")
    page.click("button[value=http]")
    page.until("the order is in the table", lambda: key in page.text("#part-orders"))
    page.until("all steps but the look are lit", lambda: len(page.all("#part-watch .step.lit")) >= 4)
    page.until("one connection is counted", lambda: page.text("#part-watch [data-count]") == "1")
    assert page.one("form.order input[name=key]").get_attribute("value") != key, "the form offers the same key again"
    assert page.driver.current_url.rstrip("/") == page.server.url, "the page was left"


def a_dry_run_changes_nothing(page):
    page.open()
    before = page.text("#part-orders")
    page.click("button[value=dry]")
    page.until("the dry run is told", lambda: "HTTP 200" in page.text("[data-note]"))
    assert page.text("#part-orders").count("page-") == before.count("page-")


def a_lost_answer_is_found(page):
    page.open()
    page.until("the page is live", lambda: "live" in page.text("[data-live-state]"))
    page.click("button[value=lose]")
    page.until("the fault is armed", lambda: "answer lost" in page.text("#part-watch .armed"))
    key = page.one("form.order input[name=key]").get_attribute("value")
    page.click("button[value=twice]")
    page.until("the answer is lost", lambda: "it took effect" in page.text("#part-watch") and key in page.text("#part-watch"))
    page.until("the order is allocated", lambda: "allocated" in page.text("#part-watch"))
    page.until("the look is lit", lambda: "look" in " ".join(each.text for each in page.all("#part-watch .step.lit")))
    assert page.text("#part-watch [data-count]") == "1", "the count of connections is not one"
    page.open(f"/console/order?key={key}")
    assert "What happened" in page.text("main") and "adopted" in page.text(".timeline"), page.text(".timeline")
    assert "Hosted Connection Allocated" in page.text("main")


def a_killed_function_leaves_one_connection(page):
    page.open()
    page.click("button[value=kill]")
    page.until("the fault is armed", lambda: "function killed" in page.text("#part-watch .armed"))
    page.click("button[value=workers]")
    page.until("the function was killed", lambda: "function killed" in page.text("#part-watch .log"))
    assert page.text("#part-watch [data-count]") == "1"


def the_map_changes_its_colour(page):
    page.open()
    page.until("an order is on the map", lambda: int(page.legend("ordering") or 0) >= 1)
    before = int(page.legend("available"))
    assert before == 0 or page.all(".holds-available"), "the legend and the map disagree"
    page.click("#part-watch a[href^='/console/customer']")
    page.click("button[value=available]")
    page.until("the connection is available", lambda: int(page.legend("available") or 0) == before + 1)
    assert page.all("path.holds-available"), "the map has no such colour"


def the_keyboard_walks_the_map(page):
    from selenium.webdriver.common.keys import Keys

    page.open()
    page.until("the map is there", lambda: page.all(".vlans"))
    page.run("document.querySelector('.vlans').focus()")
    keys = page.one(".vlans")
    keys.send_keys(Keys.HOME)
    keys.send_keys(Keys.ARROW_RIGHT * 4)
    page.until("the keyboard is on VLAN 5", lambda: "VLAN 5:" in page.text("[data-tell]"))
    page.one(".vlans").send_keys(Keys.END)
    page.until("the keyboard is on the last VLAN", lambda: page.one(".vlans").get_attribute("aria-valuenow") == "4094")
    page.until("it is told aloud", lambda: "VLAN 4094" in page.one(".vlans").get_attribute("aria-valuetext"))
    page.one(".vlans").send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * 100)
    page.until("the order is told", lambda: "VLAN 101:" in page.text("[data-tell]") and "111122223333" in page.text("[data-tell]"))


def news_leave_alone_what_somebody_does(page):
    from selenium.webdriver import ActionChains

    page.open()
    page.until("the page is live", lambda: "live" in page.text("[data-live-state]"))
    page.run("document.querySelector('.vlans').scrollIntoView({ block: 'center' })")
    width, height = page.run("const box = document.querySelector('.vlans').getBoundingClientRect(); return [box.width, box.height]")
    column, row = 2100 % 128, 2100 // 128
    across, down = (column + 0.5) / 128 * width - width / 2, (row + 0.5) / 32 * height - height / 2
    ActionChains(page.driver).move_to_element_with_offset(page.one(".vlans"), across, down).perform()
    page.until("the VLAN that is pointed at is told", lambda: "VLAN 2100: free" in page.text("[data-tell]"))
    page.run("""
        const event = document.querySelector("#part-events details");
        event.open = true;
        event.querySelector("summary").focus();
        getSelection().selectAllChildren(document.querySelector("#part-orders tbody a"));
        window.before = [event, document.activeElement, getSelection().toString()];
    """)
    page.server.order("pointed-at-1", 2100, "Example Corp")
    page.until("the order is in the table", lambda: "pointed-at-1" in page.text("#part-orders tbody tr"))
    page.until("its event is listed", lambda: "pointed-at-1" in page.text("#part-events"))
    page.until("the VLAN is told anew", lambda: "VLAN 2100: ordering" in page.text("[data-tell]"))
    for word in ("pointed-at-1", "111122223333", "50 Mbps", "since"):
        assert word in page.text("[data-tell]"), page.text("[data-tell]")
    kept = page.run("return [before[0].isConnected && before[0].open, document.activeElement === before[1], getSelection().toString() === before[2]]")
    assert kept == [True, True, True], f"open, focus and selection are kept: {kept}"


def a_list_of_orders_is_live(page):
    page.open(f"/console/orders?parent={PARENT}&state=allocated&key=listed-")
    page.until("the page is live", lambda: "live" in page.text("[data-live-state]"))
    assert "No such order" in page.text("main")
    page.server.order("listed-1", 2101, "Example Corp")
    page.until("the order is in the list", lambda: "listed-1" in page.text("main tbody"))


def the_keyboard_reaches_everything(page):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    for path in ("/", f"/console/parent?id={PARENT}", "/console/orders"):
        page.open(path)
        page.until("the page is drawn", lambda: page.all(f"main a[href*='{PARENT}'], main form"))
        # What changes meanwhile is another page.
        page.until("nothing is under way", page.is_quiet)
        wanted = page.run(
            """document.activeElement.blur();
            window.seen = new Set(); window.count = 0;
            addEventListener('focusin', (event) => { window.count += 1; window.seen.add(event.target); });
            const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')];
            window.wanted = all.filter((each) => each.checkVisibility() && !each.closest('details:not([open]) > :not(summary)'));
            return window.wanted.length;"""
        )
        for _ in range(wanted + 5):
            ActionChains(page.driver).send_keys(Keys.TAB).perform()
        missed = page.run(
            "return window.wanted.filter((each) => each.isConnected && !window.seen.has(each)).map((each) => each.outerHTML.slice(0, 120))"
        )
        assert not missed, f"{path}: the keyboard does not reach {missed}"


def a_customers_script_stays_text(page):
    page.server.order("xss-1", 2001, NAME)
    for path in ("/", "/console/orders", "/console/order?key=xss-1", "/console/events", f"/console/parent?id={PARENT}"):
        page.open(path)
        page.until("the order is shown", lambda: "xss-1" in page.run("return document.body.textContent"))
        assert page.run("return window.hacked === undefined && !document.querySelector('main img, main script')"), path
    page.open("/console/order?key=xss-1")
    assert NAME in page.text("main"), "the name is not shown as it is"


def nothing_wider_than_a_telephone(page):
    page.cdp("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=1, mobile=True)
    try:
        for path in ("/", "/console/orders", "/console/order?key=xss-1", f"/console/parent?id={PARENT}", "/console/letters", "/console/events", f"/console/confirm?do=adopt&parent={PARENT}"):
            page.open(path)
            width = page.run("return document.documentElement.scrollWidth")
            assert width <= 360, f"{path} is {width} pixels wide"
    finally:
        page.cdp("Emulation.clearDeviceMetricsOverride")


def axe_finds_nothing_serious(page):
    axe = (AXE / "axe_playwright_python/axe.min.js").read_text()
    found = []
    pages = (
        "/", "/console/orders", "/console/order?key=xss-1", f"/console/parent?id={PARENT}", "/console/letters",
        "/console/events", "/console/customer?id=dxcon-x", "/console/confirm?do=release&key=xss-1", "/console/nothing",
    )
    # The dark page differs in nothing but its colours, and all pages have the same.
    light, dark = {"resultTypes": ["violations"]}, {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
    for scheme, rules, pages in (("light", light, pages), ("dark", dark, pages[:3])):
        page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for path in pages:
            page.open(path)
            page.until("the page is drawn", lambda: "Reading" not in page.text("main"))
            page.run(axe)
            result = page.driver.execute_async_script("const done = arguments[arguments.length - 1]; axe.run(arguments[0]).then(done)", rules)
            for violation in result["violations"]:
                if violation["impact"] in ("serious", "critical"):
                    where = [node["html"][:100] for node in violation["nodes"][:3]]
                    found.append(f"{scheme} {path}: {violation['id']}: {violation['help']}: {where}")
    page.cdp("Emulation.setEmulatedMedia", features=[])
    assert not found, "\n         ".join(found)


def an_orphan_is_adopted_from_the_page(page):
    page.open()
    page.click("#break details summary")
    vlan = page.one("form[action='/console/by-hand'] input[name=vlan]")
    vlan.clear()
    vlan.send_keys("3001")
    page.click("button[value=insert]")
    page.until("the orphan is on the map", lambda: page.legend("orphan") == "1")
    page.open(f"/console/parent?id={PARENT}")
    page.click("a[href^='/console/confirm?do=adopt']")
    assert "1 connection would be adopted" in page.text("main"), page.text("main")
    page.click("button.danger")
    page.until("it is adopted", lambda: "1 connection" in page.text("main .note, main .trouble"))
    page.open()
    page.until("there is no orphan any more", lambda: page.legend("orphan") == "0")


def dead_letters_are_read_by_a_button(page):
    page.open("/console/letters")
    assert "is empty" not in page.text("section[aria-labelledby=dead]"), "a look at the page reads the queue"
    page.click("button[value=orders]")
    page.until("the queue is read", lambda: "dead-letter queue of orders is empty" in page.text("section[aria-labelledby=dead]"))


def a_hundred_streams_leave_the_page_usable(page):
    streams = []

    def all_are_taken():
        while True:
            stream = http.client.HTTPConnection("127.0.0.1", page.server.port, timeout=10)
            stream.request("GET", "/console/live")
            if stream.getresponse().status == 503:
                stream.close()
                return len(streams) == 100
            streams.append(stream)

    # The page that is open has a stream as well.
    page.driver.get("about:blank")
    try:
        page.until("a hundred streams are open, and no more", all_are_taken)
        page.open()
        assert page.text("h1") == "Overview"
        page.until("the page says that it is not kept fresh", lambda: "disconnected" in page.text("[data-live-state]"))
    finally:
        for stream in streams:
            stream.close()
    page.until("the page is live again", lambda: "live" in page.text("[data-live-state]"))


def another_sites_page_changes_nothing(page):
    asked = (
        ("POST", "/_local/faults", "throttle@PutEvents", {"origin": "http://evil.example"}),
        ("POST", "/_local/purge", "", {"origin": "null"}),
        ("DELETE", "/_local/faults", "", {"sec-fetch-site": "cross-site"}),
        ("POST", "/console/break", "do=lose", {"origin": "http://evil.example"}),
        ("POST", "/console/letters", "queue=orders", {}),
        ("GET", "/", "", {"host": "evil.example", "accept": "text/html"}),
    )
    for method, path, body, headers in asked:
        client = http.client.HTTPConnection("127.0.0.1", page.server.port, timeout=10)
        client.request(method, path, body, {"content-type": "application/x-www-form-urlencoded", **headers})
        status = client.getresponse().status
        client.close()
        assert status == 403, f"{method} {path} with {headers}: {status}"
    faults = json.load(urllib.request.urlopen(f"{page.server.url}/_local/faults"))
    assert faults == {"faults": []}, faults


def it_works_without_javascript(page):
    page.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open()
        page.one("form.order input[name=key]").clear()
        page.one("form.order input[name=key]").send_keys("no-script-1")
        page.one("button[value=http]").click()
        page.until("the order is there", lambda: "no-script-1" in page.one("main").text)
        page.open(f"/console/parent?id={PARENT}")
        page.until("the VLANs are a table", lambda: "no-script-1" in page.one("main table").text or page.driver.refresh())
    finally:
        page.cdp("Emulation.setScriptExecutionDisabled", value=False)


def the_page_finds_its_server_again(page):
    page.open()
    page.until("the page is live", lambda: "live" in page.text("[data-live-state]"))
    page.server.stop()
    page.until("the page says that the server is gone", lambda: "disconnected" in page.text("[data-live-state]"))
    page.server.start()
    page.until("the page is live again", lambda: "live" in page.text("[data-live-state]"))
    page.until("it is the new server's page", lambda: "No such order" in page.text("#part-orders"))
    key = page.one("form.order input[name=key]").get_attribute("value")
    # Not one of those that the screenshots order.
    page.one("form.order input[name=vlan]").send_keys("101")
    page.click("button[value=http]")
    page.until("an order can be placed", lambda: key in page.text("#part-orders"))


def nothing_was_asked_of_another_host(page):
    foreign, complaints = page.foreign_requests(), page.complaints()
    assert not foreign, f"asked of another host: {foreign}"
    assert not complaints, f"the browser complains: {complaints}"


CHECKS = (
    an_order_placed_by_the_form_appears,
    a_dry_run_changes_nothing,
    a_lost_answer_is_found,
    the_map_changes_its_colour,
    the_keyboard_walks_the_map,
    news_leave_alone_what_somebody_does,
    a_list_of_orders_is_live,
    the_keyboard_reaches_everything,
    an_orphan_is_adopted_from_the_page,
    a_killed_function_leaves_one_connection,
    a_customers_script_stays_text,
    nothing_wider_than_a_telephone,
    it_works_without_javascript,
    dead_letters_are_read_by_a_button,
    a_hundred_streams_leave_the_page_usable,
    another_sites_page_changes_nothing,
    nothing_was_asked_of_another_host,
    axe_finds_nothing_serious,
    the_page_finds_its_server_again,
)


def screenshots(page, folder):
    """A parent that is half sold, an answer that was lost, and the story of its order."""
    server = page.server
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda vlan: server.order(f"order-{vlan}", vlan, "Example Corp"), range(300, 420)))
    page.open()
    page.until("the page is live", lambda: "live" in page.text("[data-live-state]"))
    page.click("button[value=lose]")
    page.until("the fault is armed", lambda: "answer lost" in page.text("#part-watch .armed"))
    page.click("button[value=twice]")
    page.until("the answer is lost", lambda: "it took effect" in page.text("#part-watch"))
    folder.mkdir(parents=True, exist_ok=True)
    page.run("scrollTo(0, 0)")
    page.driver.set_window_size(1100, 1240)
    page.driver.save_screenshot(str(folder / "console.png"))


def main():
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        print("skipped: there is no chromium, or no chromedriver (Debian: chromium, chromium-driver)")
        return
    local = pathlib.Path(sys.argv[sys.argv.index("--local") + 1]) if "--local" in sys.argv else LOCAL
    if not local.is_file():
        sys.exit(f"{local} is not there: `cargo build` makes it")
    server = Server(local)
    page, failures = None, 0
    try:
        page = Page(server)
        for check in CHECKS:
            started, wrong = time.monotonic(), None
            try:
                check(page)
            except Exception as error:  # noqa: BLE001 - whatever it is, the check has failed.
                wrong = f"{type(error).__name__}: {error}"
            print(f"{'FAIL' if wrong else 'ok  '} {check.__name__.replace('_', ' ')} ({time.monotonic() - started:.1f} s)", flush=True)
            if wrong:
                failures += 1
                print(f"         {wrong}")
        screenshots(page, ROOT / ("docs" if "--screenshots" in sys.argv else "target/console"))
    finally:
        if page:
            page.driver.quit()
        server.stop()
    print(f"{len(CHECKS) - failures} passed, {failures} failed")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
