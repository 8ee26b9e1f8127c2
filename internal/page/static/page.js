// Conveniences of all pages. The pages also work without this script.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  // Reload a page that the browser restores from its back/forward cache, so that it does not show old data after a sign-out.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // Show times in the reader's time zone.
  const moments = new Intl.DateTimeFormat(root.lang + "-u-nu-latn", { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[data-local]")) {
    time.title = time.textContent;
    time.textContent = moments.format(new Date(time.dateTime));
  }

  // Ignore a second submit of the same form, unless the answer opens in another tab. The form can be sent again when the browser
  // shows the page again, when the user stops loading the answer, and after a while.
  const sent = new Map();
  const release = () => {
    for (const [form, button] of sent) {
      delete form.dataset.sent;
      button?.removeAttribute("aria-disabled");
    }
    sent.clear();
  };
  for (const form of document.forms) {
    if (form.target) continue;
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      event.submitter?.setAttribute("aria-disabled", "true");
      sent.set(form, event.submitter);
      setTimeout(release, 10000);
    });
  }
  addEventListener("pageshow", release);
  addEventListener("keydown", (event) => { if (event.key === "Escape") release(); });
  window.navigation?.addEventListener("navigate", (event) => event.signal.addEventListener("abort", release));

  // Scroll the tab of this page into view.
  const tab = document.querySelector("nav.pages [aria-current]"), tabs = tab?.closest("nav");
  if (tabs) {
    const outer = tabs.getBoundingClientRect(), inner = tab.getBoundingClientRect();
    if (inner.left < outer.left || inner.right > outer.right) tabs.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  }

  // Move the focus to the list of errors.
  document.getElementById("errors")?.focus();
})();
