package harness

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/server"
)

// Prefix is what the paths of the controls begin with. No organization can have it in its own.
const Prefix = "/_test/"

// controls are a harness over HTTP, for the server that it belongs to.
type controls struct {
	*Harness
	server *server.Server
}

// controls serves whoever asks from this machine. Web pages are no such callers: what they may not read, they shall not do either.
func (h *Harness) controls(p *server.Server) http.Handler {
	c := controls{h, p}
	mux := http.NewServeMux()
	for route, control := range map[string]func(r *http.Request) (status int, body any, err error){
		"GET clock":          c.clock,
		"POST clock/advance": c.advance,
		"GET mail":           c.mails,
		"GET mail/latest":    c.latestMail,
		"GET faults":         c.faults,
		"POST faults":        c.inject,
		"DELETE faults":      c.clear,
		"POST organizations": c.createOrganization,
	} {
		method, path, _ := strings.Cut(route, " ")
		mux.HandleFunc(method+" "+Prefix+path, func(w http.ResponseWriter, r *http.Request) { serve(w, r, control) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, "ResourceNotFound", fmt.Sprintf("There is no control %s %s.", r.Method, r.URL.Path))
	})
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, http.StatusForbidden, "NotPermitted", "The controls are not for web pages.")
	}))
	return local(foreign.Handler(mux))
}

// local refuses what was sent to another name than this machine's: a name of somebody else's may lead here, too.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := (&url.URL{Host: r.Host}).Hostname()
		if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
			writeError(w, http.StatusForbidden, "NotPermitted", "The controls are for this machine alone: ask them at localhost or 127.0.0.1.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refusal is an error that is told to the caller.
type refusal struct {
	status       int
	name, detail string
}

func (e *refusal) Error() string { return e.detail }

func invalid(err error) error {
	return &refusal{http.StatusUnprocessableEntity, "RequestValidationError", err.Error()}
}

// writeError answers in Polar's words for errors.
func writeError(w http.ResponseWriter, status int, name, detail string) {
	writeJSON(w, status, struct {
		Error  string `json:"error"`
		Detail string `json:"detail"`
	}{name, detail})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func serve(w http.ResponseWriter, r *http.Request, control func(r *http.Request) (int, any, error)) {
	status, body, err := control(r)
	refused, ok := errors.AsType[*refusal](err)
	switch {
	case ok:
		writeError(w, refused.status, refused.name, refused.detail)
	case err != nil:
		writeError(w, http.StatusInternalServerError, "InternalServerError", err.Error())
	case body == nil:
		w.WriteHeader(status)
	default:
		writeJSON(w, status, body)
	}
}

// maxBody is the longest body that a control reads, in bytes.
const maxBody = 64 << 10

// decode reads a body of JSON, if there is one, into v, and refuses a name that v has not.
func decode(r *http.Request, v any) error {
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil && err != io.EOF {
		return invalid(fmt.Errorf("the body is not what the control takes: %w", err))
	}
	return nil
}

// query reads the parameters of a URL, and refuses one that is not among the names.
func query(r *http.Request, names ...string) (url.Values, error) {
	q := r.URL.Query()
	for name := range q {
		if !slices.Contains(names, name) {
			return nil, invalid(fmt.Errorf("there is no parameter %q; there are %s", name, strings.Join(names, ", ")))
		}
	}
	return q, nil
}

// seconds is how the controls count time, as the API does, but for fractions.
type seconds float64

// duration is longer than a clock can go for whatever is.
func (s seconds) duration() time.Duration {
	return time.Duration(min(float64(s), farthest.Seconds()+1) * float64(time.Second))
}
