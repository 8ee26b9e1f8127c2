// What the pages of operators do better with a script: nothing here is needed. page.js comes first.
(() => {
  "use strict";
  // What is shown once can be copied.
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

  // What goes on, again and again, while somebody looks. A page that was signed out meanwhile says so.
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
    } catch { /* the next time, perhaps */ }
  };
  if (document.getElementById("activity")) setInterval(() => { if (!document.hidden) refresh(); }, 5000);
})();
