/* OpenUM's own script. Everything here is an addition: each page works without it. */
(function () {
  "use strict";

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const one = (selector, root) => (root || document).querySelector(selector);

  /* Saving: htmx posts the field; here we say so when it fails, and send what was typed when the tab closes. */
  const dirty = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-autosave]");
    if (form) dirty.add(form);
  });
  /* Signing in again in another tab gives a new token; forms on this page take it over. */
  const token = () => (document.cookie.match(/(?:^|; )openum_csrf=([^;]+)/) || [])[1];
  function renew(form) {
    const field = one("[name=csrfmiddlewaretoken]", form);
    if (field && token()) field.value = token();
  }
  document.addEventListener("htmx:configRequest", (event) => {
    if (!token()) return;
    event.detail.headers["X-CSRFToken"] = token();
    if (event.detail.parameters.csrfmiddlewaretoken) event.detail.parameters.csrfmiddlewaretoken = token();
  });
  function saidNot(form, status) {
    const place = one(".saved", form);
    if (!place) return;
    place.classList.add("bad");
    place.textContent = (status === 401 && form.dataset.signedOut) || form.dataset.notSaved || "";
    if (status !== 401 || !form.dataset.signIn) return;
    const link = document.createElement("a");
    link.href = "/sign-in/";
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = form.dataset.signIn;
    place.append(" ", link);
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (!form || !form.matches || !form.matches("form[data-autosave]")) return;
    if (event.detail.successful) dirty.delete(form);
    else saidNot(form, event.detail.xhr ? event.detail.xhr.status : 0);
  });
  /* What is not saved yet is saved before the form goes: where the session is lost, nothing that was typed is. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    renew(form);
    const button = event.submitter;
    const leavesPage = !(button && (button.hasAttribute("formtarget") || button.hasAttribute("hx-post")));
    if (!form.matches("form[data-autosave]") || !dirty.has(form) || !leavesPage) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const data = new FormData(form);
    all("input[type=file]", form).forEach((field) => data.delete(field.name));
    fetch(form.dataset.autosave, { method: "POST", body: data, headers: { "HX-Request": "true" } }).then((answer) => {
      if (!answer.ok) { saidNot(form, answer.status); return; }
      dirty.delete(form);
      form.requestSubmit(button);
    }).catch(() => saidNot(form, 0));
  }, true);
  window.addEventListener("pagehide", () => {
    dirty.forEach((form) => {
      const data = new FormData(form);
      all("input[type=file]", form).forEach((field) => data.delete(field.name));
      navigator.sendBeacon(form.dataset.autosave, data);
    });
  });
  /* A form that goes is not saved any more: what would arrive after it would come back as unsent. */
  const leaving = new Set();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    dirty.delete(form);
    const button = event.submitter;
    if (!form.matches("form[data-autosave]") || (button && (button.hasAttribute("formtarget") || button.hasAttribute("hx-post")))) return;
    leaving.add(form);
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => { if (leaving.has(event.detail.elt)) event.preventDefault(); });
  window.addEventListener("pageshow", () => leaving.clear());

  /* Shortcuts: buttons and links carry data-key. They sleep in text fields and can be switched off. */
  const OFF = "openum.shortcuts.off";
  const off = () => { try { return localStorage.getItem(OFF) === "1"; } catch (error) { return false; } };
  const typing = (target) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
    && !/^(checkbox|radio|button|submit)$/.test(target.type);
  /* Own keys: what a page calls "i" answers to the key its user chose. Kept in this browser, for nobody else. */
  const KEYS = "openum.shortcuts.keys";
  const EVERYWHERE = ["/", "?", "j", "k"];
  function ownKeys() { try { return JSON.parse(localStorage.getItem(KEYS)) || {}; } catch (error) { return {}; } }
  const keyOf = (name) => ownKeys()[name] || name;
  function keep(keys) { try { localStorage.setItem(KEYS, JSON.stringify(keys)); } catch (error) { /* lasts for this page */ } }
  let prefix = "";
  let row = -1;

  function move(step) {
    const rows = all("table.rows[data-walk] tbody tr");
    if (!rows.length) return;
    row = Math.max(0, Math.min(rows.length - 1, row + step));
    rows.forEach((item, index) => item.classList.toggle("here", index === row));
    const link = one("a", rows[row]);
    if (link) link.focus();
  }

  function help() {
    const sheet = one("#shortcuts");
    if (!sheet) return;
    sheet.hidden = !sheet.hidden;
    if (sheet.hidden) return;
    listKeys(sheet);
    one("h2", sheet).focus();
  }

  /* The sheet lists each control of this page that has a key, with a field to choose another. */
  function listKeys(sheet) {
    const list = one("[data-keys]", sheet);
    if (!list) return;
    list.replaceChildren();
    const seen = new Set();
    const names = all("[data-key]").filter((item) => item.offsetParent !== null).map((item) => {
      const copy = item.cloneNode(true);
      all("kbd", copy).forEach((mark) => mark.remove());
      const label = item.id && one('label[for="' + CSS.escape(item.id) + '"]');
      return [item.dataset.key, (label ? label.textContent : copy.textContent).trim()];
    }).filter(([name]) => !seen.has(name) && seen.add(name));
    names.forEach(([name, words], index) => {
      const field = document.createElement("input");
      field.className = "form-control";
      field.maxLength = 3;
      field.id = "own-key-" + index;
      field.value = keyOf(name);
      field.addEventListener("change", () => {
        const keys = ownKeys();
        const wanted = field.value.trim();
        const taken = names.some(([other]) => other !== name && keyOf(other) === wanted) || EVERYWHERE.includes(wanted);
        field.setAttribute("aria-invalid", String(taken));
        one("[data-keys-said]", sheet).textContent = taken ? list.dataset.taken : list.dataset.kept;
        if (taken) return;
        if (wanted && wanted !== name) keys[name] = wanted; else { delete keys[name]; field.value = name; }
        keep(keys);
      });
      const label = document.createElement("label");
      label.htmlFor = field.id;
      label.textContent = words;
      const line = document.createElement("div");
      line.append(label, field);
      list.append(line);
    });
  }

  /* A criterion by its number: with words chosen in a document they are linked to it, else it is ready for an answer. */
  let number = "";
  function toNode(key) {
    if (!/^[0-9a-z]$/.test(key) || !one(".node[id^=node-]")) return false;
    if (/[0-9]/.test(key)) number = key; else if (number) number += key; else return false;
    const node = document.getElementById("node-" + number);
    if (!node) { if (number.length > 1) number = ""; return /[0-9]/.test(key) && all('[id^="node-' + key + '"]').length > 0; }
    number = /[0-9]/.test(key) ? key : "";
    const form = one("form[data-link]");
    const quote = form && one("[name=quote]", form);
    if (quote && quote.value) {
      one("[name=leaf]", form).value = node.id.slice(5);
      form.requestSubmit();
      return true;
    }
    node.tabIndex = -1;
    node.focus();
    return true;
  }
  const ANSWERS = { y: "met", w: "not_met", u: "unknown" };
  function answer(key) {
    const node = document.activeElement && document.activeElement.closest(".node[id^=node-]");
    const button = node && ANSWERS[key] && one('button[name=value][value="' + ANSWERS[key] + '"]', node);
    if (!button) return false;
    button.closest("details").open = true;
    button.focus();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const sheet = one("#shortcuts");
      if (sheet && !sheet.hidden) { help(); return; }
      if (typing(event.target)) event.target.blur();
      return;
    }
    if (typing(event.target) || off()) return;
    const key = prefix + event.key;
    prefix = "";
    if (event.key === "g" && key === "g") { prefix = "g "; return; }
    if (key.length === 1 && (toNode(key) || answer(key))) { event.preventDefault(); return; }
    if (!/[0-9]/.test(key)) number = "";
    if (key === "/") { const find = one("[data-find]"); if (find) { event.preventDefault(); find.focus(); } return; }
    if (key === "?") { help(); return; }
    if (key === "j") { move(1); return; }
    if (key === "k") { move(-1); return; }
    const target = all("[data-key]").find((item) => keyOf(item.dataset.key) === key && item.offsetParent !== null);
    if (!target) return;
    event.preventDefault();
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) target.focus();
    else if (target.tagName === "SUMMARY") { target.parentElement.open = true; target.focus(); }
    else target.click();
  });
  const reset = one("#shortcuts-reset");
  if (reset) reset.addEventListener("click", () => { keep({}); listKeys(one("#shortcuts")); });
  const toggle = one("#shortcuts-off");
  if (toggle) {
    toggle.checked = off();
    toggle.addEventListener("change", () => {
      try { localStorage.setItem(OFF, toggle.checked ? "1" : "0"); } catch (error) { /* private window: lasts for this page */ }
    });
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) help();
  });

  /* Evidence and criteria: one selection. A node marks its evidence; selected text fills the link form. */
  function light(keys, origin) {
    all(".node.here,.card-ev.here").forEach((item) => item.classList.remove("here"));
    origin.classList.add("here");
    keys.forEach((key) => all('[data-ev="' + CSS.escape(key) + '"]').forEach((item) => item.classList.add("here")));
  }
  document.addEventListener("focusin", (event) => {
    const node = event.target.closest && event.target.closest(".node[data-refs]");
    if (node) light(node.dataset.refs.split(" ").filter(Boolean), node);
  });
  document.addEventListener("click", (event) => {
    const node = event.target.closest(".node[data-refs]");
    if (node) light(node.dataset.refs.split(" ").filter(Boolean), node);
  });
  document.addEventListener("selectionchange", () => {
    const chosen = document.getSelection();
    const form = one("form[data-link]");
    if (!form || !chosen || chosen.isCollapsed || !chosen.anchorNode) return;
    const page = chosen.anchorNode.parentElement && chosen.anchorNode.parentElement.closest("[data-page]");
    const text = chosen.toString().trim();
    if (!page || !text) return;
    all("[data-selection]").forEach((field) => { field.value = text.slice(0, 500); });
    one("[name=quote]", form).value = text.slice(0, 500);
    one("[name=attachment]", form).value = page.dataset.attachment;
    one("[name=page]", form).value = page.dataset.page;
  });

  /* A place on a page: drawn with the mouse, moved with arrows, sized with Shift and arrows; the four numbers are the form. */
  const EDGES = ["left", "top", "width", "height"];
  const region = (page) => {
    const fields = EDGES.map((name) => one("[name=" + name + "]", page.closest("[data-region]")));
    return { fields, values: fields.map((field) => parseFloat(field.value) || 0) };
  };
  function place(page, values) {
    const [left, top] = [0, 1].map((side) => Math.min(Math.max(values[side], 0), 99.5));
    const [width, height] = [[2, left], [3, top]].map(([side, from]) => Math.min(Math.max(values[side], 0.5), 100 - from));
    region(page).fields.forEach((field, index) => { field.value = [left, top, width, height][index].toFixed(1); });
    show(page);
  }
  function show(page) {
    region(page).values.forEach((value, index) => one("rect", page).setAttribute(["x", "y", "width", "height"][index], value + "%"));
  }
  const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, -1], ArrowDown: [1, 1] };
  document.addEventListener("keydown", (event) => {
    const page = event.target.matches && event.target.matches(".region") && event.target;
    const move = page && MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const { fields, values } = region(page);
    const next = fields.every((field) => field.value) ? values : [10, 10, 30, 10];
    next[move[0] + (event.shiftKey ? 2 : 0)] += move[1];
    place(page, next);
  });
  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-region]");
    if (box) show(one(".region", box));
  });
  let pointed = null;
  const within = (event, box) => [(event.clientX - box.left) / box.width * 100, (event.clientY - box.top) / box.height * 100];
  document.addEventListener("pointerdown", (event) => {
    const page = event.target.closest(".region");
    if (page) pointed = { page, from: within(event, page.getBoundingClientRect()) };
  });
  document.addEventListener("pointermove", (event) => {
    if (!pointed) return;
    const to = within(event, pointed.page.getBoundingClientRect()).map((share) => Math.min(100, Math.max(0, share)));
    const [x, y] = pointed.from;
    place(pointed.page, [Math.min(x, to[0]), Math.min(y, to[1]), Math.abs(to[0] - x), Math.abs(to[1] - y)]);
  });
  document.addEventListener("pointerup", () => { pointed = null; });

  /* A case changed elsewhere: say so; the reader decides when to reload. */
  document.addEventListener("openum:changed", (event) => { event.target.hidden = false; });

  /* Without a connection the page says so, and a form waits for it instead of leaving for an error page. */
  const offline = () => { const band = one("[data-offline]"); if (band) band.hidden = navigator.onLine; };
  window.addEventListener("online", offline);
  window.addEventListener("offline", offline);
  document.addEventListener("submit", (event) => {
    if (navigator.onLine || event.target.method !== "post") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    offline();
    const band = one("[data-offline]");
    if (band) band.scrollIntoView({ block: "nearest" });
  }, true);

  /* A form is sent once; the back button gives it back. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.target) return;
    setTimeout(() => all("button[type=submit],button:not([type])", form).forEach((item) => { item.disabled = true; }), 0);
  });
  window.addEventListener("pageshow", () => all("form button[disabled]:not([data-guard])").forEach((item) => { item.disabled = false; }));
}());
