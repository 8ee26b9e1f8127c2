package web

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// maxForm is the longest form of a page that is taken, in bytes: ours are far shorter.
const maxForm = 64 << 10

// ErrForm is a form that cannot be read, or that names what nobody can choose.
var ErrForm = fault.New(fault.InvalidForm, "The form cannot be read.")

// ReadForm reads what a person has filled in into r.PostForm, or yields [ErrForm]. Nothing is taken from the address.
func ReadForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if r.ContentLength != 0 && !strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded") {
		return ErrForm
	}
	if err := r.ParseForm(); err != nil {
		return ErrForm.Because(err)
	}
	return nil
}
