// Tell elements with data-live that one of their cases has changed: they get the event "openum:changed".
// With htmx: hx-trigger="openum:changed". Without this script, or without the live process, reloading shows the same.
document.addEventListener("DOMContentLoaded", () => {
  for (const element of document.querySelectorAll("[data-live]")) {
    const stream = new EventSource(element.dataset.live);
    stream.addEventListener("case", (message) => {
      element.dispatchEvent(new CustomEvent("openum:changed", { bubbles: true, detail: { case: message.data } }));
    });
    window.addEventListener("pagehide", () => stream.close());
  }
});
