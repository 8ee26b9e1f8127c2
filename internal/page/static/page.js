// Conveniences of all pages. The pages also work without this script.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  // Reload a page that the browser restores from its back/forward cache, so that it does not show old data after a sign-out.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // Show times in the reader's time zone.
  const moments = new Intl.DateTimeFormat(root.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[data-local]")) {
    time.title = time.textContent;
    time.textContent = moments.format(new Date(time.dateTime));
  }

  // Ignore a second submit of the same form, unless the answer opens in another tab.
  for (const form of document.forms) {
    if (form.target) continue;
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      event.submitter?.setAttribute("aria-disabled", "true");
    });
  }

  // Move the focus to the list of errors.
  document.getElementById("errors")?.focus();
})();
