package web

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Jar makes the cookies of the pages below a path. No script sees them.
type Jar struct {
	Path string
	// Secure keeps them from connections without TLS.
	Secure   bool
	SameSite http.SameSite
	Now      func() time.Time
}

// Set gives a cookie to a browser for a time; 0 is until the browser is closed, and less than that removes it. Of several with
// the same name in one answer, the last one counts, and is the only one that is sent.
func (j Jar) Set(w http.ResponseWriter, name, value string, lifetime time.Duration) {
	c := &http.Cookie{Name: name, Value: value, Path: j.Path, HttpOnly: true, SameSite: j.SameSite, Secure: j.Secure}
	switch {
	case lifetime < 0:
		c.MaxAge = -1
	case lifetime > 0:
		c.MaxAge, c.Expires = max(1, int(lifetime/time.Second)), j.Now().Add(lifetime).UTC()
	}
	h := w.Header()
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(line string) bool { return strings.HasPrefix(line, name+"=") })
	h.Add("Set-Cookie", c.String())
}
