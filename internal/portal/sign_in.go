package portal

import (
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/width"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// resendAfter is when a page offers to send another code. What may be asked for is the limiter's to say.
const resendAfter = 30 * time.Second

// home is /{slug}/portal.
func (v *visit) home() error {
	if v.live == nil {
		return v.leadTo("request")
	}
	return v.leadTo("overview")
}

// askForEmail is /{slug}/portal/request.
func (v *visit) askForEmail() error {
	q := v.URL.Query()
	if next := q.Get("next"); navigable(next) {
		v.memory.Next = next
		v.remember()
	}
	email := plain(q.Get("email"), maxEmail)
	if email == "" && v.live != nil {
		email = orEmpty(v.holder.Email())
	}
	if email == "" {
		email = v.memory.Email
	}
	return v.show(http.StatusOK, "request", v.requestView(email, ""))
}

func (v *visit) requestView(email, wrong string) view {
	shown := v.outside(v.tongue.Text("request.title"))
	shown.Path = "request"
	shown.Page = requestPage{&field{
		ID: "email", Name: "email", Label: v.tongue.Text("field.email"), Type: "email", Value: email, Autocomplete: "email", Required: true, Alone: true, Error: wrong,
	}}
	if wrong != "" {
		shown.Errors = []flaw{{Text: wrong}}
	}
	return shown
}

// sendCode is the form of askForEmail, and that of the choice between several customers.
func (v *visit) sendCode() error {
	form := v.PostForm
	form.Set("organization_id", v.org.ID.String())
	if form.Get("customer") != "" {
		form.Set("customer_id", form.Get("customer"))
	}
	in, err := body.ReadCustomerSessionCodeRequest(body.FromForm(form))
	if fault.Is(err, fault.InvalidRequest) {
		return v.show(http.StatusUnprocessableEntity, "request", v.requestView(form.Get("email"), v.tongue.Text("flaw.email")))
	}
	if err != nil {
		return err
	}
	choices, err := v.Login.Request(v.Context(), login.Request{
		Organization: in.OrganizationID, Email: in.Email, Customer: idOrZero(in.CustomerID), Language: v.tongue.Language,
	})
	if err != nil {
		return err
	}
	if choices != nil {
		return v.show(http.StatusOK, "choose", v.chooseView("request", "email", in.Email, in.Email, choices))
	}
	v.memory.Email, v.memory.SentAt = in.Email, v.Now()
	v.remember()
	return v.leadTo("authenticate")
}

// chooseView lets the visitor choose between customers. What was typed in before is sent along under the name.
func (v *visit) chooseView(path, name, value, email string, choices []login.Choice) view {
	shown := v.outside(v.tongue.Text("choose.title"))
	shown.Path = path
	page := choosePage{Email: email, Name: name, Value: value}
	for _, c := range choices {
		page.Choices = append(page.Choices, choice{c.ID.String(), orEmpty(c.Name)})
	}
	shown.Page = page
	return shown
}

// askForCode is /{slug}/portal/authenticate.
func (v *visit) askForCode() error {
	return v.show(http.StatusOK, "authenticate", v.codeView(""))
}

func (v *visit) codeView(wrong string) view {
	shown := v.outside(v.tongue.Text("code.title"))
	shown.Path = "authenticate"
	page := codePage{Email: v.memory.Email, Error: wrong, Length: v.Login.Length}
	if waited := v.Now().Sub(v.memory.SentAt); waited >= 0 && waited < resendAfter {
		page.Wait = int((resendAfter - waited + time.Second - 1) / time.Second)
	}
	shown.Page = page
	if wrong != "" {
		shown.Errors = []flaw{{Text: wrong}}
	}
	return shown
}

// signIn is the form of askForCode, and that of the choice between several customers.
func (v *visit) signIn() error {
	code := tidyCode(v.PostForm.Get("code"))
	if code == "" {
		return v.show(http.StatusUnprocessableEntity, "authenticate", v.codeView(v.tongue.Text("code.missing")))
	}
	customer, err := chosen(v.PostForm.Get("customer"))
	if err != nil {
		return err
	}
	made, choices, err := v.Login.Authenticate(v.Context(), login.Attempt{
		Code: code, Organization: v.org.ID, Customer: customer, Client: v.client(),
	})
	switch {
	case fault.Is(err, fault.InvalidCode):
		v.Cause = err
		return v.show(http.StatusUnprocessableEntity, "authenticate", v.codeView(v.tongue.Text(v.whyInvalid())))
	case err != nil:
		return err
	case choices != nil:
		return v.show(http.StatusOK, "choose", v.chooseView("authenticate", "code", code, v.memory.Email, choices))
	}
	next := v.memory.Next
	if next == "" {
		next = "overview"
	}
	v.setSession(made.Token, made.Session)
	v.memory = memory{Email: v.memory.Email, Return: v.memory.Return}
	v.remember()
	return v.leadTo(next)
}

// whyInvalid tells a code that is too old from one that is wrong. The server tells nobody; but this browser knows when it last
// asked for one.
func (v *visit) whyInvalid() string {
	if !v.memory.SentAt.IsZero() && v.Now().Sub(v.memory.SentAt) >= v.Login.Lifetime {
		return "code.expired"
	}
	return "code.wrong"
}

// maxTyped is how much of a typed code is looked at, in bytes: more than the longest has, with something between its letters.
const maxTyped = 256

// tidyCode makes of what was typed or pasted what may have been meant: in capitals, without spaces and dashes, and with the
// letters and digits of a Japanese keyboard as those of any other.
func tidyCode(typed string) string {
	if len(typed) > maxTyped {
		return ""
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, width.Fold.String(typed))
}

// chosen is the customer that a form names; zero for none.
func chosen(text string) (token.ID, error) {
	if text == "" {
		return token.ID{}, nil
	}
	id, err := body.PathUUID("customer", text)
	if err != nil {
		return token.ID{}, web.ErrForm.Because(err)
	}
	return id, nil
}

func idOrZero(id *[16]byte) token.ID {
	if id == nil {
		return token.ID{}
	}
	return *id
}

// signOut ends the session, wherever else its token may be.
func (v *visit) signOut() error {
	if v.live != nil {
		if err := v.Sessions.SignOut(v.Context(), v.live); err != nil {
			return err
		}
	}
	v.dropSession()
	v.memory = memory{Return: v.memory.Return}
	return v.leadWith("request", noteSignedOut)
}
