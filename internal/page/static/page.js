// What all pages do better with a script: nothing here is needed.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  // A page that was left and comes back, after a sign-out for one, is asked for again.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // Times, where the reader lives.
  const moments = new Intl.DateTimeFormat(root.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[data-local]")) {
    time.title = time.textContent;
    time.textContent = moments.format(new Date(time.dateTime));
  }

  // One click is one request, where this page does not stay.
  for (const form of document.forms) {
    if (form.target) continue;
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      event.submitter?.setAttribute("aria-disabled", "true");
    });
  }

  // Where something is wrong, reading begins there.
  document.getElementById("errors")?.focus();
})();
