// Comfort only: every page works without this file.
"use strict";

const etags = new WeakMap();

// Text becomes markup in one place only: the fragment that htmx has just received from this site, once.
// It wraps it so (htmx 2, makeFragment); any other text, and any text that would run, is refused by the browser.
let received = null;
document.addEventListener("htmx:beforeSwap", (event) => { received = event.detail.serverResponse; });
window.trustedTypes?.createPolicy("default", {
  createHTML: (text) => {
    const expected = received;
    received = null;
    return expected !== null && text === `<body><template class="internal-htmx-wrapper">${expected}</template></body>` ? text : null;
  },
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// A live region asks only while somebody looks, and receives 304 while nothing changed.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.matches("[data-live]")) event.preventDefault();
});
document.addEventListener("htmx:configRequest", (event) => {
  const etag = etags.get(event.detail.elt);
  if (etag) event.detail.headers["If-None-Match"] = etag;
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  const etag = elt.matches("[data-live]") && xhr.getResponseHeader("ETag");
  if (etag) etags.set(elt, etag);
});

// Leaving Pro Santé Connect as well: the page says the same with a button.
document.querySelector("form[data-submit-at-once]")?.submit();

// A security key that does not answer: say so beside its button.
document.addEventListener("allauth.error", (event) => {
  const notice = document.getElementById("key-error");
  if (!notice) return;
  event.preventDefault();
  notice.hidden = false;
});

// A minute before an unused session ends: say so. Once it is over, the page of a patient does not stay on the screen.
const idle = document.getElementById("idle-notice");
if (idle) {
  const seconds = Number(idle.dataset.seconds);
  let clocks = [];
  const restart = () => {
    clocks.forEach(clearTimeout);
    idle.hidden = true;
    clocks = [
      setTimeout(() => { idle.hidden = false; }, (seconds - 60) * 1000),
      setTimeout(() => location.reload(), (seconds + 1) * 1000),
    ];
  };
  idle.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (answer.ok) restart();
    else location.reload();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.elt.matches("[data-autosave]")) restart();
  });
  restart();
}
