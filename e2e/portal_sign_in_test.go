package e2e

import (
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

// requestsCode asks for a code, and returns the one that comes.
func (v *visitor) requestsCode(org organization, email string) string {
	v.t.Helper()
	v.open(at(org, "/request"))
	v.fill("#email", email)
	v.follow("#request-submit")
	v.isAt(at(org, "/authenticate"))
	v.reads(".lead", email)
	return v.code(v.t, email)
}

// signsIn types the code into the boxes: six letters, one input.
func (v *visitor) signsIn() {
	email := v.somebody("ada")
	v.individual(v.t, v.org, "Ada Lovelace", email)
	code := v.requestsCode(v.org, email)
	if got := get[string](v.tab, "document.activeElement.id"); got != "code" {
		v.t.Errorf("writing begins in %q", got)
	}
	if boxes := get[int](v.tab, "document.querySelectorAll('.cells i').length"); boxes != 6 {
		v.t.Errorf("there are %d boxes", boxes)
	}
	for i, letter := range strings.ToLower(code) {
		if v.script {
			v.await("document.querySelectorAll('.cells i')[" + string(rune('0'+i)) + "].matches('.now')")
		}
		v.press(string(letter))
	}
	v.lettersAreInBoxes()
	v.follow("#code-submit")
	v.isAt(at(v.org, "/overview"))
	v.reads("h1", "Ada Lovelace")
	if err := v.live(v.token()); err != nil {
		v.t.Error(err)
	}
}

// lettersAreInBoxes holds where the letters of the code are drawn to the boxes behind them.
func (v *visitor) lettersAreInBoxes() {
	v.t.Helper()
	off := get[float64](v.tab, `(() => {
		const code = document.getElementById("code"), style = getComputedStyle(code), cells = [...document.querySelectorAll(".cells i")];
		const ink = document.createElement("canvas").getContext("2d");
		ink.font = style.font;
		const letter = ink.measureText("0").width, step = letter + parseFloat(style.letterSpacing);
		const first = code.getBoundingClientRect().x + parseFloat(style.paddingLeft) + letter / 2 - code.scrollLeft;
		return Math.max(...cells.map((cell, i) => {
			const r = cell.getBoundingClientRect();
			return Math.abs(r.x + r.width / 2 - (first + i * step));
		}));
	})()`)
	if off > 2 {
		v.t.Errorf("a letter is %.1f pixels beside the middle of its box", off)
	}
	// The input is wider than its boxes, and nothing scrolls to its end.
	moved := get[float64](v.tab, `document.querySelector(".cells i").getBoundingClientRect().x - document.querySelector("label[for=code]").getBoundingClientRect().x`)
	if moved < -0.5 || moved > 0.5 {
		v.t.Errorf("the boxes begin %.1f pixels beside their label", moved)
	}
}

// signsInAfterMistakes types nothing, and then a wrong code.
func (v *visitor) signsInAfterMistakes() {
	email := v.somebody("ada")
	v.individual(v.t, v.org, "Ada", email)
	v.open(at(v.org, "/request"))
	v.fill("#email", "ada@")
	v.follow("#request-submit")
	v.reads("#email-error", "Enter an email address")
	v.fill("#email", email)
	v.follow("#request-submit")
	code := v.code(v.t, email)

	v.follow("#code-submit")
	v.reads("#code-error", "Enter the code")
	wrong := []byte(code)
	wrong[0] = 'A' + (wrong[0]+1)%26
	if string(wrong) == code {
		wrong[0] = '7'
	}
	v.fill("#code", string(wrong))
	v.follow("#code-submit")
	v.isAt(at(v.org, "/authenticate"))
	v.reads("#code-error", "isn’t right")
	if got := get[string](v.tab, "document.title"); !strings.HasPrefix(got, "Error: ") {
		v.t.Errorf("the title is %q", got)
	}
	v.fill("#code", code)
	v.follow("#code-submit")
	v.isAt(at(v.org, "/overview"))
}

// clipboard is one for all windows.
var clipboard sync.Mutex

// pastesCode copies the code from a mail as people write it down, and pastes it.
func (v *visitor) pastesCode() {
	email := v.somebody("ada")
	v.individual(v.t, v.org, "Ada", email)
	code := v.requestsCode(v.org, email)
	spaced := " " + code[:3] + "-" + strings.ToLower(code[3:]) + " "
	mails := newTab(v.t, desktop, true)
	inbox := strings.ToLower(code) + ".example.net"
	chromium.web.put(v.t, inbox, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "<!doctype html><title>Mail</title><textarea autofocus>"+spaced+"</textarea>")
	}))
	mails.open("https://" + inbox + "/")
	get[bool](mails, "document.querySelector('textarea').select() || true")

	clipboard.Lock()
	defer clipboard.Unlock()
	mails.command("copy")
	v.click("#code")
	v.command("paste")
	want := spaced
	if v.script {
		want = code
	}
	v.await("document.getElementById('code').value === " + quote(want))
	v.follow("#code-submit")
	v.isAt(at(v.org, "/overview"))
}

// command is what a key of the system does, such as copy and paste.
func (b *tab) command(name string) {
	b.t.Helper()
	tell(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Commands: []string{name}})
	tell(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp})
}

// asksForAnotherCode waits for nothing: with a script, a button that is not yet
// good says when it is.
func (v *visitor) asksForAnotherCode() {
	email := v.somebody("ada")
	v.individual(v.t, v.org, "Ada", email)
	first := v.requestsCode(v.org, email)
	if v.script {
		v.await("document.getElementById('resend').disabled")
		v.reads("#resend", "Another code in ")
		v.await("parseInt(document.getElementById('resend').innerText.match(/\\d+/)) < 30") // it counts
	} else {
		v.reads("#resend", "Send another code")
		v.follow("#resend")
		v.isAt(at(v.org, "/authenticate"))
		if second := v.code(v.t, email); second == first {
			v.t.Error("the same code comes again")
		}
	}
	v.follow("#other-email")
	v.isAt(at(v.org, "/request"))
}

// choosesAccount signs in with an address that two accounts have.
func (v *visitor) choosesAccount() {
	one, two := v.newCrew(v.t, "Difference Engines"), v.newCrew(v.t, "Analytical Engines")
	email := v.somebody("ada")
	v.join(v.t, one.customer, email, "Ada", "member")
	v.join(v.t, two.customer, email, "Ada", "billing_manager")
	code := v.requestsCode(v.org, email)
	v.fill("#code", code)
	v.follow("#code-submit")
	v.reads("h1", "Which account?")
	v.reads("#choose-form", "Difference Engines")
	v.follow("#choose-form button[value='" + two.customer + "']")
	v.isAt(at(v.org, "/overview"))
	v.reads("[data-test=account]", "Analytical Engines")
	v.reads("[data-test=role]", "Billing manager")
}

// comesBack is led to the sign-in, and then to where it wanted to go.
func (v *visitor) comesBack() {
	email := v.somebody("ada")
	v.individual(v.t, v.org, "Ada", email)
	v.open(at(v.org, "/sessions"))
	v.isAt(at(v.org, "/request"))
	v.fill("#email", email)
	v.press(kb.Enter)
	v.await("document.getElementById('code') && document.readyState === 'complete'")
	v.fill("#code", v.code(v.t, email))
	v.follow("#code-submit")
	v.isAt(at(v.org, "/sessions"))
}

// asksTooOften is refused, and told for how long.
func (v *visitor) asksTooOften() {
	portal := "https://" + limitedSite + "/acme/portal"
	for try := 0; ; try++ {
		v.open(portal + "/authenticate")
		if v.fill("#code", "000000"); try > 20 {
			v.t.Fatal("nobody is refused")
		}
		v.follow("#code-submit")
		if v.has("#code-error") {
			continue
		}
		v.reads("h1", "Too many attempts")
		v.reads("main", "Please wait")
		return
	}
}
