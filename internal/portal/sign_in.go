package portal

import (
	"net/http"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
)

// resendAfter is the time after which the page offers to send another code. The limiter decides whether the request is allowed.
const resendAfter = 30 * time.Second

// maxUUID is the length of a UUID.
const maxUUID = 36

// home answers GET /{slug}/portal.
func (r *request) home() error {
	if r.callbackOf(r.returnTo) != nil {
		r.setReturn(target{}) // the customer opened the portal itself
	}
	if r.session == nil {
		return r.Redirect("request")
	}
	return r.Redirect("overview")
}

// emailForm answers GET /{slug}/portal/request. A customer who is signed in already is redirected: to the application that waits for
// a session, or to the portal. If the query names the address of another account, the customer can sign in to that one.
func (r *request) emailForm() error {
	q := r.URL.Query()
	if done, err := r.skipSignIn(); done || err != nil {
		return err
	}
	if next := q.Get("next"); navigable(next) {
		r.memory.Next = next
		r.saveMemory()
	}
	email := singleLine(q.Get("email"), directory.MaxEmail)
	if email == "" && r.session != nil {
		email = page.OrEmpty(r.holder.Email())
	}
	if email == "" {
		email = r.memory.Email
	}
	return r.show(http.StatusOK, "request", r.requestView(email, ""))
}

// skipSignIn redirects a customer who is signed in already. It reports whether it has answered the request.
func (r *request) skipSignIn() (done bool, err error) {
	named := singleLine(r.URL.Query().Get("email"), directory.MaxEmail)
	again := r.URL.Query().Has("next") // the link before the end of a session
	switch {
	case r.session == nil || r.session.Impersonated || again || named != "" && !strings.EqualFold(named, page.OrEmpty(r.holder.Email())):
		return false, nil
	case !r.goesOn():
		return true, r.Redirect("overview")
	case r.Method != http.MethodGet || r.IsPreview():
		r.WriteHeader(http.StatusServiceUnavailable) // browsers load the page again when a person opens it
		return true, nil
	}
	address, err := r.ticketAddress()
	if err != nil {
		return false, err
	}
	return true, r.redirectHere(address)
}

func (r *request) requestView(email, message string) view {
	shown := r.newSignInView(r.localizer.Text("request.title"))
	shown.Path = "request"
	customer := r.URL.Query().Get("customer")
	if r.Method == http.MethodPost {
		customer = r.PostForm.Get("customer")
	}
	if _, err := body.PathUUID("customer", customer); err != nil {
		customer = ""
	}
	shown.Page = requestPage{Customer: customer, Email: &page.Field{
		ID: "email", Name: "email", Label: r.localizer.Text("field.email"), Type: "email", Value: email, Autocomplete: "email", Required: true, Alone: true, Error: message,
	}}
	if message != "" {
		shown.Errors = []page.FieldError{{Text: message}}
	}
	return shown
}

// sendCode answers POST /{slug}/portal/request, from the forms of emailForm and chooseView.
func (r *request) sendCode() error {
	form := r.PostForm
	form.Set("organization_id", r.org.ID.String())
	if form.Get("customer") != "" {
		form.Set("customer_id", form.Get("customer"))
	}
	in, err := body.ReadCustomerSessionCodeRequest(body.FromForm(form))
	if fault.Is(err, fault.InvalidRequest) {
		return r.show(http.StatusUnprocessableEntity, "request", r.requestView(form.Get("email"), r.localizer.Text("error.email")))
	}
	if err != nil {
		return err
	}
	choices, err := r.Login.Request(r.Context(), login.Request{
		Organization: in.OrganizationID, Email: in.Email, Customer: idOrZero(in.CustomerID), Language: r.localizer.Language,
	})
	if err != nil {
		return err
	}
	if choices != nil {
		return r.show(http.StatusOK, "choose", r.chooseView("request", "email", in.Email, in.Email, choices))
	}
	r.cookies().Set(r.Exchange, askedCookie, r.Login.Receipt(r.org.ID, in.Email, r.Cookie(askedCookie)), r.Login.Lifetime)
	r.memory.Email, r.memory.SentAt, r.memory.Customer = in.Email, r.Now(), singleLine(form.Get("customer"), maxUUID)
	r.saveMemory()
	return r.Redirect("authenticate")
}

// chooseView returns the page on which the client chooses one of several customers. Its form has a hidden field with the given
// name, which repeats the value of the previous form.
func (r *request) chooseView(path, name, value, email string, choices []login.Choice) view {
	shown := r.newSignInView(r.localizer.Text("choose.title"))
	shown.Path = path
	content := choosePage{Email: email, Name: name, Value: value}
	for _, c := range choices {
		content.Choices = append(content.Choices, choice{c.ID.String(), page.OrEmpty(c.Name)})
	}
	shown.Page = content
	return shown
}

// codeForm answers GET /{slug}/portal/authenticate.
func (r *request) codeForm() error {
	return r.show(http.StatusOK, "authenticate", r.codeView(""))
}

func (r *request) codeView(message string) view {
	shown := r.newSignInView(r.localizer.Text("code.title"))
	shown.Path = "authenticate"
	content := codePage{Email: r.memory.Email, Customer: r.memory.Customer, Error: message, Length: r.Login.Length, Alphabet: r.Login.Alphabet}
	if waited := r.Now().Sub(r.memory.SentAt); waited >= 0 && waited < resendAfter {
		content.Wait = int((resendAfter - waited + time.Second - 1) / time.Second)
	}
	shown.Page = content
	if message != "" {
		shown.Errors = []page.FieldError{{Text: message}}
	}
	return shown
}

// signIn answers POST /{slug}/portal/authenticate, from the forms of codeForm and chooseView.
func (r *request) signIn() error {
	code, flaw := r.typedCode()
	if flaw != "" {
		return r.show(http.StatusUnprocessableEntity, "authenticate", r.codeView(flaw))
	}
	customer, err := customerInForm(r.PostForm.Get("customer"))
	if err != nil {
		return err
	}
	issued, choices, err := r.Login.Authenticate(r.Context(), login.Attempt{
		Code: code, Organization: r.org.ID, Customer: customer, Receipt: r.Cookie(askedCookie), Portal: true, Client: r.Client(),
		RequestID: r.RequestID(),
	})
	switch {
	case fault.Is(err, fault.InvalidCode):
		r.Cause = err
		return r.show(http.StatusUnprocessableEntity, "authenticate", r.codeView(r.invalidCodeText(code)))
	case err != nil:
		return err
	case choices != nil:
		return r.show(http.StatusOK, "choose", r.chooseView("authenticate", "code", code, r.memory.Email, choices))
	}
	next := r.memory.Next
	if next == "" {
		next = "overview"
	}
	r.setSession(issued.Token, issued.Session)
	r.rememberDevice(issued.Session)
	r.cookies().Set(r.Exchange, askedCookie, "", -1)
	r.memory = memory{Email: r.memory.Email}
	r.saveMemory()
	if r.callbackOf(r.returnTo) != nil {
		next = "return"
	}
	return r.Redirect(next)
}

// typedCode returns the code in a form, or the text of the error if the form has no code, has text that is no code or could be several,
// or has a code that is too short. A code that was sent before a change of the server's configuration can be shorter than new codes.
func (r *request) typedCode() (code, flaw string) {
	typed := r.PostForm.Get("code")
	code = token.NormalizeCode(typed, r.Login.Alphabet, r.Login.Length)
	switch {
	case strings.TrimSpace(typed) == "":
		return "", r.localizer.Text("code.missing")
	case code == "":
		return "", r.localizer.Text("code.unclear")
	case len(code) < token.MinCode:
		return "", r.localizer.Count("code.short", r.Login.Length)
	}
	return code, ""
}

// invalidCodeText returns the text for a code that the server refused. The server does not distinguish wrong and expired codes. The
// text depends on the length of the code, and on when this browser requested the last code.
func (r *request) invalidCodeText(code string) string {
	if len(code) < r.Login.Length {
		return r.localizer.Count("code.short", r.Login.Length)
	}
	if !r.memory.SentAt.IsZero() && r.Now().Sub(r.memory.SentAt) >= r.Login.Lifetime {
		return r.localizer.Text("code.expired")
	}
	return r.localizer.Text("code.wrong")
}

// customerInForm returns the ID of the customer that a form names, or the zero ID for "".
func customerInForm(text string) (token.ID, error) {
	if text == "" {
		return token.ID{}, nil
	}
	id, err := body.PathUUID("customer", text)
	if err != nil {
		return token.ID{}, page.ErrForm.Because(err)
	}
	return id, nil
}

func idOrZero(id *[16]byte) token.ID {
	if id == nil {
		return token.ID{}
	}
	return *id
}

// signOut answers POST /{slug}/portal/sign-out. It revokes the session, so that the session's token is refused everywhere.
func (r *request) signOut() error {
	if r.session != nil {
		if err := r.Sessions.SignOut(r.Context(), r.session); err != nil {
			return err
		}
	}
	r.deleteSession()
	r.memory = memory{}
	return r.redirectWithNote("request", noteSignedOut)
}
