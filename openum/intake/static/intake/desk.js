/* The intake desk, by keyboard and mouse. Everything here is an addition: the page works without it. */
(function () {
  "use strict";

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const fields = () => document.getElementById("fields");
  const inputs = () => all("[data-look] [name=value]", fields());

  /* Tab goes to the next field that wants a look; after the last one it goes on as everywhere. */
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const create = document.querySelector("[data-create]");
      if (create) { event.preventDefault(); create.click(); }
      return;
    }
    if (event.key !== "Tab" || event.shiftKey || event.ctrlKey || event.altKey) return;
    if (!event.target.matches || !event.target.matches("#fields [name=value]")) return;
    const next = inputs().find((item) => item.compareDocumentPosition(event.target) & Node.DOCUMENT_POSITION_PRECEDING);
    if (next) { event.preventDefault(); next.focus(); }
  });
  /* A textarea takes Enter for itself; with a field accepted, the next one that wants a look is there. */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.detail.target || event.detail.target.id !== "fields" || !event.detail.requestConfig || event.detail.requestConfig.verb !== "post") return;
    const next = inputs()[0] || document.querySelector("[data-create]");
    if (next) next.focus();
  });

  /* Something was read: show it at once, unless somebody is just typing here. */
  document.addEventListener("openum:changed", (event) => {
    if (event.target.id !== "readings") return;
    const here = document.activeElement && document.activeElement.closest("#fields");
    const notice = document.querySelector("[data-new-values]");
    if (here && notice) notice.hidden = false;
    else event.target.dispatchEvent(new CustomEvent("desk:refresh"));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-show-values]")) document.getElementById("readings").dispatchEvent(new CustomEvent("desk:refresh"));
  });

  /* Drawing an area on a page fills in the edges of the form below it. */
  let drawn = null;
  const share = (event, box) => [
    Math.min(100, Math.max(0, (event.clientX - box.left) / box.width * 100)),
    Math.min(100, Math.max(0, (event.clientY - box.top) / box.height * 100)),
  ];
  document.addEventListener("pointerdown", (event) => {
    const picture = event.target.closest(".picture");
    const area = picture && picture.parentElement.querySelector("details[open] form.area");
    if (!area) return;
    event.preventDefault();
    all("svg.drawn", picture).forEach((item) => item.remove());
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.classList.add("drawn");
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "rect"));
    picture.append(svg);
    drawn = { picture, area, rect: svg.firstChild, from: share(event, picture.getBoundingClientRect()) };
  });
  document.addEventListener("pointermove", (event) => {
    if (!drawn) return;
    const to = share(event, drawn.picture.getBoundingClientRect());
    const edges = { left: Math.min(drawn.from[0], to[0]), top: Math.min(drawn.from[1], to[1]), right: Math.max(drawn.from[0], to[0]), bottom: Math.max(drawn.from[1], to[1]) };
    Object.entries(edges).forEach(([name, value]) => { drawn.area.elements[name].value = value.toFixed(1); });
    drawn.rect.setAttribute("x", edges.left + "%");
    drawn.rect.setAttribute("y", edges.top + "%");
    drawn.rect.setAttribute("width", edges.right - edges.left + "%");
    drawn.rect.setAttribute("height", edges.bottom - edges.top + "%");
  });
  document.addEventListener("pointerup", () => { drawn = null; });
}());
