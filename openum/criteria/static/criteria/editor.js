/* The editor works without this. It leads from a fault to its line, and opens a shown face in a tab of its own. */
(function () {
  "use strict";
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    const field = document.querySelector(link.getAttribute("href"));
    if (!field) return;
    event.preventDefault();
    const part = field.closest("details");
    if (part) part.open = true;
    const lines = field.value.split("\n");
    const line = Math.min(Number(link.dataset.line), lines.length) - 1;
    const start = lines.slice(0, line).join("\n").length + (line ? 1 : 0);
    field.focus();
    field.setSelectionRange(start, start + lines[line].length);
    field.scrollTop = Math.max(0, line * 19 - field.clientHeight / 2);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-face]");
    if (button) button.form.target = "openum-face";
    else if (event.target.closest("#bench button")) document.querySelector("#bench").removeAttribute("target");
  });
}());
