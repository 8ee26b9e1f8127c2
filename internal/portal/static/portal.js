// Conveniences of the portal. The pages also work without this script. page.js runs first.
(() => {
  "use strict";
  const lang = document.documentElement.lang;
  const unit = (n, name) => new Intl.NumberFormat(lang, { style: "unit", unit: name, unitDisplay: "long" }).format(n);
  const lasting = (s) => s >= 172800 ? unit(Math.floor(s / 86400), "day") : s >= 7200 ? unit(Math.floor(s / 3600), "hour")
    : s >= 60 ? unit(Math.floor(s / 60), "minute") : unit(Math.max(0, Math.floor(s)), "second");

  // Show the time that is left of the session. The server sends the number of seconds, so the client's clock may be wrong. Screen
  // readers announce the notice once, not every second.
  const ending = document.getElementById("ending");
  if (ending) {
    const began = performance.now(), seconds = Number(ending.dataset.ends), warn = 300;
    let timer;
    const tick = () => {
      clearTimeout(timer);
      const left = seconds - (performance.now() - began) / 1000;
      if (left <= 0) { location.assign(ending.dataset.page); return; }
      const text = ending.dataset.left.replace("{time}", lasting(left));
      for (const part of document.querySelectorAll("span[data-left]")) {
        if (part.textContent !== text) part.textContent = text;
      }
      if (left <= warn) ending.hidden = false;
      timer = setTimeout(tick, left > warn + 60 ? 15000 : 1000);
    };
    ending.querySelector("span[data-left]").setAttribute("aria-hidden", "true");
    tick();
    // Timers do not run while a laptop sleeps.
    addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
  }

  // Enable the button that sends another code when its waiting time is over.
  const resend = document.getElementById("resend");
  if (resend) {
    const text = resend.textContent, until = performance.now() + 1000 * Number(resend.dataset.wait);
    const tick = () => {
      const left = Math.ceil((until - performance.now()) / 1000);
      resend.disabled = left > 0;
      resend.textContent = left > 0 ? resend.dataset.waiting.replace("{time}", unit(left, "second")) : text;
      if (left > 0) setTimeout(tick, 250);
    };
    tick();
  }

  // Use a link as soon as a person sees its page. A page that the browser loads in advance must not use up the link.
  const submits = document.querySelector("form[data-submits]");
  if (submits) {
    const submit = () => {
      if (!document.prerendering && document.visibilityState === "visible") submits.requestSubmit();
    };
    for (const name of ["prerenderingchange", "visibilitychange"]) document.addEventListener(name, submit);
    submit();
  }

  // Remove spaces and dashes from a pasted code, convert full-width letters, and mark the next box. A code that is longer than
  // the boxes gets one wide box. While an input method composes text, its text is left alone.
  const code = document.getElementById("code");
  if (code) {
    const cells = document.querySelectorAll(".cells i");
    const mark = () => {
      const at = Math.min(code.selectionStart ?? code.value.length, cells.length - 1);
      cells.forEach((cell, i) => cell.classList.toggle("now", document.activeElement === code && i === at));
      code.scrollLeft = 0;
    };
    const clean = () => {
      const tidy = [...code.value.normalize("NFKC").toUpperCase()].filter((c) => code.dataset.alphabet.includes(c)).join("").slice(0, Number(code.dataset.most));
      if (tidy !== code.value) code.value = tidy;
      code.closest(".code")?.classList.toggle("long", cells.length < tidy.length);
      mark();
    };
    code.addEventListener("input", (event) => { if (!event.isComposing) clean(); });
    code.addEventListener("compositionend", clean);
    for (const name of ["focus", "blur", "keyup", "click", "select"]) code.addEventListener(name, mark);
    mark();
  }
})();
