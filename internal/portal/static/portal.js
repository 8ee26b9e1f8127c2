// Conveniences of the portal. The pages also work without this script. page.js runs first.
(() => {
  "use strict";
  const lang = document.documentElement.lang + "-u-nu-latn";
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

  // Show the input for the state that fits the country: a list of states, or a text.
  const country = document.getElementById("country");
  const inputs = new Map([...document.querySelectorAll("template[data-states]")].map((t) => [t.dataset.states, t]));
  if (country && inputs.size > 0) {
    const listOf = (code) => inputs.has(code) ? code : "";
    let shown = listOf(country.value);
    country.addEventListener("change", () => {
      if (listOf(country.value) === shown) return;
      shown = listOf(country.value);
      const field = document.getElementById("state").closest(".field");
      field.replaceWith(inputs.get(shown).content.cloneNode(true));
    });
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

  // Find the code in typed or pasted text, as NormalizeCode in internal/token does on the server. The result is null if the text is
  // ambiguous or too long. The server then explains what is wrong.
  const code = document.getElementById("code");
  const found = (text) => {
    const length = Number(code.dataset.length), alphabet = code.dataset.alphabet;
    const groups = text.normalize("NFKC").replace(/[\p{Pd}\p{Cf}\u2212\u30fc]/gu, "").split(/[^A-Za-z0-9\p{Zs}]/u)
      .map((group) => group.split(/\p{Zs}+/u).filter(Boolean));
    const whole = groups.flat().join("").toUpperCase();
    if (whole.length === length) return whole;
    for (const plausible of [/^[A-Z0-9]+$/, /[0-9]/]) {
      const codes = new Set();
      for (const words of groups) {
        words.forEach((_, i) => {
          let part = "";
          for (let j = i; j < words.length && part.length < length; j++) part += words[j];
          if (part.length === length && plausible.test(part) && [...part.toUpperCase()].every((c) => alphabet.includes(c))) codes.add(part.toUpperCase());
        });
      }
      if (codes.size > 0) return codes.size === 1 ? [...codes][0] : null;
    }
    return whole.length > Number(code.dataset.most) ? null : whole;
  };

  // Replace the text by its code, and mark the next box. A text that is longer than the boxes gets one wide box. While an input
  // method composes text, its text is left alone. A complete code is submitted once, but not after an error.
  if (code) {
    const cells = document.querySelectorAll(".cells i"), announced = document.getElementById("code-auto");
    let submits = Boolean(announced);
    if (submits) {
      announced.hidden = false;
      code.setAttribute("aria-describedby", code.getAttribute("aria-describedby") + " code-auto");
    }
    const mark = () => {
      const at = Math.min(code.selectionStart ?? code.value.length, cells.length - 1);
      cells.forEach((cell, i) => cell.classList.toggle("now", document.activeElement === code && i === at));
      code.scrollLeft = 0;
    };
    const clean = (event) => {
      const tidy = found(code.value);
      if (tidy !== null && tidy !== code.value) code.value = tidy;
      code.closest(".code")?.classList.toggle("long", cells.length < code.value.length);
      mark();
      if (!submits || tidy?.length !== Number(code.dataset.length) || event.inputType?.startsWith("delete")) return;
      submits = false;
      code.form.requestSubmit(code.form.querySelector("button.primary"));
    };
    code.addEventListener("input", (event) => { if (!event.isComposing) clean(event); });
    code.addEventListener("compositionend", clean);
    for (const name of ["focus", "blur", "keyup", "click", "select"]) code.addEventListener(name, mark);
    mark();
  }
})();
