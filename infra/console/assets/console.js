// Keeps an open page fresh, sends quiet forms without leaving the page, and walks the VLAN map. The page works without it.
"use strict";
(() => {
  const boot = document.body.dataset.boot;
  const state = document.querySelector("[data-live-state]");
  const tell = (text, lost) => {
    if (state.textContent === text) return;
    state.textContent = text;
    state.classList.toggle("lost", lost);
  };

  // What identifies an element over a redraw, so that the keyboard stays where it was.
  const marked = (element, within) => {
    if (!element || !within.contains(element) || element === within) return null;
    const all = [...within.querySelectorAll("a, button, input, select, summary, [tabindex]")];
    return { href: element.getAttribute("href"), text: element.textContent, at: all.indexOf(element), tag: element.tagName };
  };
  const refocus = (mark, within) => {
    if (!mark) return;
    const all = [...within.querySelectorAll("a, button, input, select, summary, [tabindex]")];
    const isSame = (each) => each && each.tagName === mark.tag && each.getAttribute("href") === mark.href && each.textContent === mark.text;
    (isSame(all[mark.at]) ? all[mark.at] : all.find(isSame) || all[mark.at])?.focus({ preventScroll: true });
  };

  const shown = new WeakMap();
  const busy = new WeakSet();
  const again = new WeakSet();
  const redraw = async (part) => {
    if (busy.has(part)) { again.add(part); return; }
    busy.add(part);
    try {
      do {
        again.delete(part);
        const answer = await fetch(part.dataset.live, { cache: "no-cache", headers: { accept: "text/html" } });
        if (!answer.ok) break;
        let text = await answer.text();
        if (part.dataset.pick) {
          const page = new DOMParser().parseFromString(text, "text/html");
          text = page.querySelector(part.dataset.pick)?.innerHTML ?? "";
        }
        if (shown.get(part) === text || !part.isConnected) continue;
        shown.set(part, text);
        replace(part, text);
      } while (again.has(part));
    } catch { /* The stream tells that the server is gone. */ } finally { busy.delete(part); }
  };
  const replace = (part, text) => {
    const mark = marked(document.activeElement, part);
    const open = [...part.querySelectorAll("details")].map((each) => each.open && each.querySelector("summary")?.textContent);
    const map = part.querySelector(".vlans");
    const vlan = map && Number(map.getAttribute("aria-valuenow"));
    const select = part.querySelector("select");
    if (select && select === document.activeElement) return;
    part.innerHTML = text;
    for (const each of part.querySelectorAll("details")) {
      if (open.includes(each.querySelector("summary")?.textContent)) each.open = true;
    }
    const next = part.querySelector(".vlans");
    if (next) { arm(next); if (vlan > 1 || map === document.activeElement || mark?.tag === "svg") go(next, vlan, false); }
    refocus(mark, part);
  };
  const refresh = () => Promise.all([...document.querySelectorAll("[data-live]")].map(redraw));

  // One stream while the page is in sight: a browser has few connections for one host.
  let stream = null;
  let timer = 0;
  const close = () => { stream?.close(); stream = null; clearTimeout(timer); };
  const listen = () => {
    close();
    stream = new EventSource("/console/live");
    stream.addEventListener("hello", (event) => {
      // A server that was started again knows nothing of this page's forms.
      // A page that answered a form is asked for, not sent again.
      if (event.data !== boot) { location.replace(location.pathname + location.search); return; }
      tell("● live", false);
      refresh();
    });
    stream.addEventListener("changed", refresh);
    stream.onerror = () => {
      tell("✗ disconnected; what you see may be old. Trying again…", true);
      close();
      timer = setTimeout(listen, 1000);
    };
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : listen()));
  addEventListener("pagehide", close);
  if (document.querySelector("[data-live]")) listen(); else tell("", false);

  // Quiet forms: the answer is the page after the form, of which only the note is new.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!("quiet" in form.dataset)) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    const notes = document.querySelector("[data-note]");
    try {
      const answer = await fetch(form.action, { method: "POST", body: fields, headers: { accept: "text/html" } });
      const text = await answer.text();
      const page = new DOMParser().parseFromString(text, "text/html");
      const note = page.querySelector("[data-note]");
      if (answer.ok && note) {
        notes.innerHTML = note.innerHTML;
        follow(form, page);
      } else {
        const line = document.createElement("p");
        line.className = "trouble";
        line.textContent = answer.ok ? "The answer cannot be read." : text;
        notes.replaceChildren(line);
      }
      notes.scrollIntoView({ block: "nearest" });
    } catch {
      const line = document.createElement("p");
      line.className = "trouble";
      line.textContent = "The server cannot be reached.";
      notes.replaceChildren(line);
    }
    refresh();
  });
  // The page watches the order that was placed, and the form has the next key.
  const follow = (form, page) => {
    if (!("follow" in form.dataset)) return;
    const watch = page.querySelector("#part-watch");
    if (watch) document.querySelector("#part-watch").dataset.live = watch.dataset.live;
    const key = form.elements.key;
    const next = page.querySelector("form.order input[name=key]");
    if (next) key.value = next.value;
  };

  // The VLAN map: a slider from 1 to 4094 that is a picture.
  const LAST = 4094;
  let asked = 0;
  const say = async (map, vlan) => {
    const mine = ++asked;
    const place = map.parentElement.querySelector("[data-tell]");
    try {
      const answer = await fetch(`/console/vlan?parent=${encodeURIComponent(map.dataset.parent)}&vlan=${vlan}`);
      const text = await answer.text();
      if (mine !== asked || !answer.ok) return;
      place.innerHTML = text;
      map.setAttribute("aria-valuetext", place.textContent);
    } catch { /* The stream tells that the server is gone. */ }
  };
  const go = (map, vlan, aloud = true) => {
    vlan = Math.min(LAST, Math.max(1, vlan));
    const columns = Number(map.dataset.columns);
    const cursor = map.querySelector(".cursor");
    const size = Number(cursor.getAttribute("width"));
    cursor.removeAttribute("hidden");
    cursor.setAttribute("x", (vlan % columns) * size);
    cursor.setAttribute("y", Math.floor(vlan / columns) * size);
    map.setAttribute("aria-valuenow", vlan);
    if (aloud || map.dataset.told !== String(vlan)) { map.dataset.told = vlan; say(map, vlan); }
  };
  const at = (map, event) => {
    const box = map.getBoundingClientRect();
    const columns = Number(map.dataset.columns);
    const rows = Math.floor(LAST / columns) + 1;
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    return row * columns + column;
  };
  const arm = (map) => {
    let waiting = 0;
    map.addEventListener("pointermove", (event) => {
      const vlan = at(map, event);
      if (vlan < 1 || vlan > LAST || vlan === Number(map.getAttribute("aria-valuenow"))) return;
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(() => go(map, vlan));
    });
    map.addEventListener("click", (event) => { map.focus(); go(map, at(map, event)); });
    map.addEventListener("focus", () => go(map, Number(map.getAttribute("aria-valuenow"))));
    map.addEventListener("keydown", (event) => {
      const columns = Number(map.dataset.columns);
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -columns * 4, PageDown: columns * 4, Home: -LAST, End: LAST };
      if (!(event.key in steps)) return;
      event.preventDefault();
      go(map, Number(map.getAttribute("aria-valuenow")) + steps[event.key]);
    });
  };
  document.querySelectorAll(".vlans").forEach(arm);
})();
