package portal

import (
	"net/http"
	"net/url"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
)

// proveReason is why the customer must prove that it reads the emails to its address: the change that follows.
type proveReason string

const (
	proveForEmail    proveReason = "email"
	proveForTransfer proveReason = "transfer"
)

// prove finds out whether the session has a fresh proof. It reports false if a change of the account first needs the page "prove".
func (r *request) prove() (bool, error) {
	h, err := r.Login.Holder(r.Context(), r.session)
	if err == nil {
		r.holder = h
	}
	return err == nil && r.Directory.CheckProof(h) == nil, err
}

// proveLink returns the path of the page "prove". member is the member that the change concerns, or "".
func proveLink(reason proveReason, member string) string {
	q := url.Values{"for": {string(reason)}}
	if member != "" {
		q.Set("member", member)
	}
	return "prove?" + q.Encode()
}

// proveTarget reads the change that follows the proof from a query or a form. It returns the page of that change, and the path of
// the page "prove" for it.
func proveTarget(values url.Values) (next, self string, err error) {
	switch proveReason(values.Get("for")) {
	case proveForEmail:
		return "settings", proveLink(proveForEmail, ""), nil
	case proveForTransfer:
		id, err := body.PathUUID("member", values.Get("member"))
		if err != nil {
			return "", "", page.ErrForm.Because(err)
		}
		member := token.ID(id).String()
		return "team/transfer?member=" + member, proveLink(proveForTransfer, member), nil
	}
	return "", "", page.ErrForm
}

// proveForm answers GET /{slug}/portal/prove.
func (r *request) proveForm() error {
	q := r.URL.Query()
	if _, _, err := proveTarget(q); err != nil {
		return page.ErrNoPage
	}
	return r.show(http.StatusOK, "prove", r.proveView(q, q.Has("sent"), ""))
}

func (r *request) proveView(values url.Values, sent bool, message string) view {
	shown := r.newView(r.localizer.Text("prove.title"))
	shown.Path = "prove"
	content := provePage{
		codePage: codePage{Email: page.OrEmpty(r.holder.Email()), Error: message, Length: r.Login.Length, Alphabet: r.Login.Alphabet}, Sent: sent, For: values.Get("for"), Member: values.Get("member"),
		Cancel: "settings",
	}
	if content.For == string(proveForTransfer) {
		content.Cancel = "team"
	}
	if message != "" {
		shown.Errors = []page.FieldError{{Text: message}}
	}
	shown.Page = content
	return shown
}

// sendProof answers POST /{slug}/portal/prove/send. It mails a code to the customer's current address.
func (r *request) sendProof() error {
	_, self, err := proveTarget(r.PostForm)
	if err == nil {
		err = r.Login.RequestProof(r.Context(), r.session, r.localizer.Language)
	}
	if err != nil {
		return err
	}
	return r.Redirect(self + "&sent=1")
}

// confirmProof answers POST /{slug}/portal/prove.
func (r *request) confirmProof() error {
	next, _, err := proveTarget(r.PostForm)
	if err != nil {
		return err
	}
	refuse := func(text string) error {
		return r.show(http.StatusUnprocessableEntity, "prove", r.proveView(r.PostForm, true, text))
	}
	code, flaw := r.typedCode()
	if flaw != "" {
		return refuse(flaw)
	}
	_, err = r.Login.ConfirmProof(r.Context(), r.session, code)
	switch {
	case fault.Is(err, fault.RuleViolated):
		r.Cause = err
		if len(code) < r.Login.Length {
			return refuse(r.localizer.Count("code.short", r.Login.Length))
		}
		return refuse(r.localizer.Text("prove.wrong"))
	case err != nil:
		return err
	}
	return r.redirectWithNote(next, noteProven)
}
