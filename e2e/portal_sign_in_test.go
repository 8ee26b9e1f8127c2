package e2e

import (
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

// requestsCode requests a code and returns the one from the mail.
func (v *visitor) requestsCode(org organization, email string) string {
	v.t.Helper()
	v.open(at(org, "/request"))
	v.fill("#email", email)
	v.follow("#request-submit")
	v.wantURL(at(org, "/authenticate"))
	v.wantText(".lead", email)
	return v.code(v.t, email)
}

// signsIn types the code. It is one input field that looks like one box for each character.
func (v *visitor) signsIn() {
	email := v.newEmail("ada")
	v.createIndividual(v.t, v.org, "Ada Lovelace", email)
	code := v.requestsCode(v.org, email)
	if got := get[string](v.tab, "document.activeElement.id"); got != "code" {
		v.t.Errorf("the focus is in %q", got)
	}
	if boxes := get[int](v.tab, "document.querySelectorAll('.cells i').length"); boxes != 8 {
		v.t.Errorf("%d boxes, want 8", boxes)
	}
	for i, letter := range strings.ToLower(code) {
		if v.script {
			v.await("document.querySelectorAll('.cells i')[" + string(rune('0'+i)) + "].matches('.now')")
		}
		if i == len(code)-1 {
			v.lettersAreCentered()
			break
		}
		v.press(string(letter))
	}
	v.navigate(func() {
		v.press(strings.ToLower(code[len(code)-1:]))
		if !v.script {
			v.click("#code-submit")
		}
	})
	v.wantURL(at(v.org, "/overview"))
	v.wantText("h1", "Ada Lovelace")
	if err := v.live(v.token()); err != nil {
		v.t.Error(err)
	}
}

// lettersAreCentered checks that each letter of the code is drawn in the middle of its box.
func (v *visitor) lettersAreCentered() {
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
		v.t.Errorf("a letter is %.1f pixels off the middle of its box", off)
	}
	// The input is wider than the boxes, and must not scroll.
	moved := get[float64](v.tab, `document.querySelector(".cells i").getBoundingClientRect().x - document.querySelector("label[for=code]").getBoundingClientRect().x`)
	if moved < -0.5 || moved > 0.5 {
		v.t.Errorf("the boxes are %.1f pixels off their label", moved)
	}
}

// sendsCode fills in a code. The script of the page submits a complete code, unless the page shows an error. In all other cases, sendsCode
// clicks on the button. The input must be empty, or must be selected by a click.
func (b *tab) sendsCode(code string) {
	b.t.Helper()
	itself := len(code) == 8 && get[bool](b, "document.getElementById('code-auto')?.checkVisibility() ?? false")
	b.fill("#code", code)
	if !itself {
		b.click("#code-submit, #prove-submit")
	}
}

// entersCode is like sendsCode, and waits for the next page.
func (b *tab) entersCode(code string) {
	b.t.Helper()
	b.navigate(func() { b.sendsCode(code) })
}

// signsInAfterMistakes submits an invalid address, no code, and a wrong code before the right one.
func (v *visitor) signsInAfterMistakes() {
	email := v.newEmail("ada")
	v.createIndividual(v.t, v.org, "Ada", email)
	v.open(at(v.org, "/request"))
	v.fill("#email", "ada@")
	v.follow("#request-submit")
	v.wantText("#email-error", "Enter an email address")
	v.fill("#email", email)
	v.follow("#request-submit")
	code := v.code(v.t, email)

	v.follow("#code-submit")
	v.wantText("#code-error", "Enter the code")
	wrong := []byte(code)
	wrong[0] = 'A' + (wrong[0]+1)%26
	if string(wrong) == code {
		wrong[0] = '7'
	}
	v.entersCode(string(wrong))
	v.wantURL(at(v.org, "/authenticate"))
	v.wantText("#code-error", "isn’t right")
	if got := get[string](v.tab, "document.title"); !strings.HasPrefix(got, "Error: ") {
		v.t.Errorf("the title is %q", got)
	}
	v.entersCode(code)
	v.wantURL(at(v.org, "/overview"))
}

// clipboard guards the system clipboard, which all tabs share.
var clipboard sync.Mutex

// pastesCode copies a sentence with the code from a mail, with a hyphen and full-width letters, and pastes it.
func (v *visitor) pastesCode() {
	email := v.newEmail("ada")
	v.createIndividual(v.t, v.org, "Ada", email)
	code := v.requestsCode(v.org, email)
	wide := strings.Map(func(r rune) rune { return r + 0xFEE0 }, code[5:]) // as an input method types them
	sentence := "Your code for Acme is " + code[:3] + "-" + code[3:5] + wide + " "
	mails := newTab(v.t, desktop, true)
	inbox := strings.ToLower(code) + ".example.net"
	chromium.web.addSite(v.t, inbox, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "<!doctype html><title>Mail</title><textarea autofocus>"+sentence+"</textarea>")
	}))
	mails.open("https://" + inbox + "/")
	get[bool](mails, "document.querySelector('textarea').select() || true")

	clipboard.Lock()
	defer clipboard.Unlock()
	mails.command("copy")
	v.click("#code")
	v.navigate(func() {
		v.command("paste")
		if !v.script {
			v.await("document.getElementById('code').value === " + quote(sentence))
			v.click("#code-submit")
		}
	})
	v.wantURL(at(v.org, "/overview"))
}

// composesCode types a wrong code and then the right one with an input method, which shows full-width letters until the customer
// confirms them. Only the first one is submitted by itself.
func (v *visitor) composesCode() {
	email := v.newEmail("ada")
	v.createIndividual(v.t, v.org, "Ada", email)
	code := v.requestsCode(v.org, email)
	compose := func(code string) {
		wide := strings.Map(func(r rune) rune { return r + 0xFEE0 }, strings.ToLower(code))
		v.click("#code")
		get[bool](v.tab, "document.getElementById('code').select() || true")
		for end := 3; end <= len(wide); end += 3 { // a full-width letter has three bytes
			n := int64(end / 3)
			call(v.tab, input.ImeSetComposition, input.ImeSetCompositionParams{Text: wide[:end], SelectionStart: n, SelectionEnd: n})
		}
		v.await("document.getElementById('code').value === " + quote(wide))
		call(v.tab, input.InsertText, input.InsertTextParams{Text: wide})
	}
	wrong := "AAAAAAAA"
	v.navigate(func() {
		if compose(wrong); !v.script {
			v.click("#code-submit")
		}
	})
	v.wantText("#code-error", "isn’t right")
	compose(code)
	if v.script {
		v.await("document.getElementById('code').value === " + quote(code))
	}
	v.follow("#code-submit")
	v.wantURL(at(v.org, "/overview"))
}

// command runs an editing command of the browser, such as copy or paste.
func (b *tab) command(name string) {
	b.t.Helper()
	call(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Commands: []string{name}})
	call(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp})
}

// requestsAnotherCode checks the button for another code. With a script, the button is disabled at first and shows a countdown.
func (v *visitor) requestsAnotherCode() {
	email := v.newEmail("ada")
	v.createIndividual(v.t, v.org, "Ada", email)
	first := v.requestsCode(v.org, email)
	if v.script {
		v.await("document.getElementById('resend').disabled")
		v.wantText("#resend", "Another code in ")
		v.await("parseInt(document.getElementById('resend').innerText.match(/\\d+/)) < 30")
	} else {
		v.wantText("#resend", "Send another code")
		v.follow("#resend")
		v.wantURL(at(v.org, "/authenticate"))
		if second := v.code(v.t, email); second == first {
			v.t.Error("the second code equals the first")
		}
	}
	v.follow("#other-email")
	v.wantURL(at(v.org, "/request"))
}

// choosesAccount signs in with an address that belongs to two accounts.
func (v *visitor) choosesAccount() {
	one, two := v.createTeam(v.t, "Difference Engines"), v.createTeam(v.t, "Analytical Engines")
	email := v.newEmail("ada")
	v.addMember(v.t, one.customer, email, "Ada", "member")
	v.addMember(v.t, two.customer, email, "Ada", "billing_manager")
	code := v.requestsCode(v.org, email)
	v.entersCode(code)
	v.wantText("h1", "Which account?")
	v.wantText("#choose-form", "Difference Engines")
	v.follow("#choose-form button[value='" + two.customer + "']")
	v.wantURL(at(v.org, "/overview"))
	v.wantText("[data-test=account]", "Analytical Engines")
	v.wantText("[data-test=role]", "Billing manager")
}

// returnsAfterSignIn opens a page without a session, signs in, and is redirected to that page.
func (v *visitor) returnsAfterSignIn() {
	email := v.newEmail("ada")
	v.createIndividual(v.t, v.org, "Ada", email)
	v.open(at(v.org, "/sessions"))
	v.wantURL(at(v.org, "/request"))
	v.fill("#email", email)
	v.press(kb.Enter)
	v.await("document.getElementById('code') && document.readyState === 'complete'")
	v.entersCode(v.code(v.t, email))
	v.wantURL(at(v.org, "/sessions"))
}

// exceedsRateLimit submits wrong codes until the server refuses further attempts.
func (v *visitor) exceedsRateLimit() {
	portal := "https://" + limitedSite + "/acme/portal"
	for try := 0; ; try++ {
		v.open(portal + "/authenticate")
		if v.fill("#code", "000000"); try > 20 {
			v.t.Fatal("no attempt was refused")
		}
		v.follow("#code-submit")
		if v.has("#code-error") {
			continue
		}
		v.wantText("h1", "Too many attempts")
		v.wantText("main", "Please wait")
		return
	}
}
