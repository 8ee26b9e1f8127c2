// Conveniences of the admin pages. The pages also work without this script. page.js runs first.
(() => {
  "use strict";
  // Copy buttons of secrets.
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const input = document.getElementById(button.dataset.copy);
      input.select();
      try {
        await navigator.clipboard.writeText(input.value);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Press Ctrl+C";
      }
    });
  }

  // Reload the activity every five seconds while the page is visible. If the operator was signed out meanwhile, reload the page.
  const refresh = async () => {
    const old = document.getElementById("activity");
    try {
      const answer = await fetch(old.dataset.source, { redirect: "manual" });
      if (answer.type === "opaqueredirect") { location.reload(); return; }
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("activity");
        if (old.querySelector("details")?.open) fresh.querySelector("details").open = true;
        if (!old.contains(document.activeElement) || document.activeElement === document.body) old.replaceWith(fresh);
      }
    } catch { /* try again in five seconds */ }
  };
  if (document.getElementById("activity")) setInterval(() => { if (!document.hidden) refresh(); }, 5000);
})();
