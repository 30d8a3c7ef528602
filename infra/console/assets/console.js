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

  // Makes a tree like another one, and touches nothing in it that is alike: focus, selected text, what is open and where it is
  // scrolled to stay as they are. Children that have a key are the same child wherever they stand. What `data-mine` names is the
  // page's own, with "*" all of it.
  const ELEMENT = 1;
  const mine = (element) => element.dataset?.mine?.split(" ") ?? [];
  const likenAttributes = (now, next) => {
    const own = mine(now);
    // Opened and closed by whoever reads.
    if (now.tagName === "DETAILS") own.push("open");
    for (const { name, value } of next.attributes) {
      if (!own.includes(name) && now.getAttribute(name) !== value) now.setAttribute(name, value);
    }
    for (const { name } of [...now.attributes]) {
      if (!own.includes(name) && !next.hasAttribute(name)) now.removeAttribute(name);
    }
  };
  const isAlike = (now, next) => now.nodeType === next.nodeType && now.nodeName === next.nodeName && now.dataset?.key === next.dataset?.key;
  const liken = (now, next) => {
    if (now.isEqualNode(next)) return;
    if (now.nodeType !== ELEMENT) { now.data = next.data; return; }
    if (mine(now).includes("*")) return;
    likenAttributes(now, next);
    likenChildren(now, next);
  };
  const likenChildren = (now, next) => {
    const wanted = new Set([...next.children].map((child) => child.dataset.key));
    const keyed = new Map();
    for (const child of [...now.children]) {
      const key = child.dataset.key;
      if (key === undefined) continue;
      if (wanted.has(key) && !keyed.has(key)) keyed.set(key, child); else child.remove();
    }
    let at = now.firstChild;
    for (const child of [...next.childNodes]) {
      const key = child.dataset?.key;
      const known = key === undefined ? at : keyed.get(key);
      keyed.delete(key);
      if (!known || !isAlike(known, child)) { now.insertBefore(child, at); continue; }
      if (known === at) at = at.nextSibling; else now.insertBefore(known, at);
      liken(known, child);
    }
    while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
  };
  const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

  // One request at a time for each address; what comes meanwhile is asked for once more.
  const busy = new Set();
  const again = new Set();
  const ask = async (address, complete, use) => {
    if (busy.has(address)) { again.add(address); return; }
    busy.add(address);
    try {
      do {
        again.delete(address);
        const answer = await fetch(complete(), { cache: "no-cache", headers: { accept: "text/html" } });
        if (!answer.ok) break;
        const text = await answer.text();
        if (text) use(parsed(text));
      } while (again.has(address));
    } catch { /* The stream tells that the server is gone. */ } finally { busy.delete(address); }
  };
  // The parts that have changed come in one answer: the server is told which ones this page has.
  const refreshParts = (address) => {
    const have = () => [...document.querySelectorAll("[data-parts]")].filter((part) => part.dataset.parts === address);
    const name = (part) => `${part.id.replace("part-", "")}.${part.dataset.tag}`;
    return ask(address, () => `${address}&have=${have().map(name).join(",")}`, (page) => {
      for (const next of page.querySelectorAll("[data-parts]")) {
        const part = document.getElementById(next.id);
        if (part?.dataset.parts === address) liken(part, next);
      }
      tellAgain();
    });
  };
  // Of other pages one piece is fresh: it is picked from the whole page.
  const refreshPiece = (piece) => ask(piece.dataset.live, () => piece.dataset.live, (page) => {
    const next = page.querySelector("[data-live]");
    if (next && piece.isConnected) liken(piece, next);
    tellAgain();
  });
  const refresh = () => Promise.all([
    ...[...new Set([...document.querySelectorAll("[data-parts]")].map((part) => part.dataset.parts))].map(refreshParts),
    ...[...document.querySelectorAll("[data-live]")].map(refreshPiece),
  ]);

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
  if (document.querySelector("[data-live], [data-parts]")) listen(); else tell("", false);

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
      const page = parsed(text);
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
    for (const part of watch ? document.querySelectorAll("[data-parts]") : []) part.dataset.parts = watch.dataset.parts;
    const key = form.elements.key;
    const next = page.querySelector("form.order input[name=key]");
    if (next) key.value = next.value;
  };

  // The VLAN map: a slider from 1 to 4094 that is a picture. A redraw may bring another one, so the document listens.
  const LAST = 4094;
  let asked = 0;
  const say = async (map, vlan) => {
    const mine = ++asked;
    const place = map.parentElement.querySelector("[data-tell]");
    try {
      const answer = await fetch(`/console/vlan?parent=${encodeURIComponent(map.dataset.parent)}&vlan=${vlan}`);
      const text = await answer.text();
      if (mine !== asked || !answer.ok || place.dataset.said === text) return;
      place.dataset.said = text;
      place.innerHTML = text;
      map.setAttribute("aria-valuetext", place.textContent);
    } catch { /* The stream tells that the server is gone. */ }
  };
  const go = (map, vlan) => {
    vlan = Math.min(LAST, Math.max(1, vlan));
    const columns = Number(map.dataset.columns);
    const cursor = map.querySelector(".cursor");
    const size = Number(cursor.getAttribute("width"));
    cursor.removeAttribute("hidden");
    cursor.setAttribute("x", (vlan % columns) * size);
    cursor.setAttribute("y", Math.floor(vlan / columns) * size);
    map.setAttribute("aria-valuenow", vlan);
    map.dataset.told = vlan;
    say(map, vlan);
  };
  // What is told of a VLAN may be old after a redraw.
  const tellAgain = () => {
    for (const map of document.querySelectorAll(".vlans[data-told]")) say(map, map.dataset.told);
  };
  const at = (map, event) => {
    const box = map.getBoundingClientRect();
    const columns = Number(map.dataset.columns);
    const rows = Math.floor(LAST / columns) + 1;
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    return row * columns + column;
  };
  const onMap = (name, act) => document.addEventListener(name, (event) => {
    const map = event.target.closest?.(".vlans");
    if (map) act(map, event);
  });
  let waiting = 0;
  onMap("pointermove", (map, event) => {
    const vlan = at(map, event);
    if (vlan < 1 || vlan > LAST || vlan === Number(map.getAttribute("aria-valuenow"))) return;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => go(map, vlan));
  });
  onMap("click", (map, event) => { map.focus(); go(map, at(map, event)); });
  onMap("focusin", (map) => go(map, Number(map.getAttribute("aria-valuenow"))));
  onMap("keydown", (map, event) => {
    const columns = Number(map.dataset.columns);
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -columns * 4, PageDown: columns * 4, Home: -LAST, End: LAST };
    if (!(event.key in steps)) return;
    event.preventDefault();
    go(map, Number(map.getAttribute("aria-valuenow")) + steps[event.key]);
  });
})();
