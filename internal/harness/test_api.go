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

// Prefix is the path prefix of the test API. It cannot be the same as the path of an organization's pages, because slugs have
// no underscores.
const Prefix = "/_test/"

// testAPI is the HTTP interface to the harness of one server.
type testAPI struct {
	*Harness
	server *server.Server
}

// testAPI returns the handler of the test API. It refuses requests from other machines and from web pages of other origins, which
// could otherwise read mails and change the clock.
func (h *Harness) testAPI(s *server.Server) http.Handler {
	a := testAPI{h, s}
	mux := http.NewServeMux()
	for route, handle := range map[string]func(r *http.Request) (status int, body any, err error){
		"GET clock":          a.clock,
		"POST clock/advance": a.advance,
		"GET mail":           a.mails,
		"GET mail/latest":    a.latestMail,
		"GET faults":         a.faults,
		"POST faults":        a.inject,
		"DELETE faults":      a.clear,
		"POST organizations": a.createOrganization,
	} {
		method, path, _ := strings.Cut(route, " ")
		mux.HandleFunc(method+" "+Prefix+path, func(w http.ResponseWriter, r *http.Request) { serve(w, r, handle) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, "ResourceNotFound", fmt.Sprintf("The test API has no route %s %s.", r.Method, r.URL.Path))
	})
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, http.StatusForbidden, "NotPermitted", "Web pages of other origins cannot use the test API.")
	}))
	return local(crossOrigin.Handler(mux))
}

// local refuses requests whose Host is not localhost or a loopback address. A web page could otherwise reach the server through a
// domain that resolves to 127.0.0.1 (DNS rebinding).
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := (&url.URL{Host: r.Host}).Hostname()
		if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
			writeError(w, http.StatusForbidden, "NotPermitted", "Only this machine can use this URL: use localhost or 127.0.0.1 as the host.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// requestError is an error that is sent to the client.
type requestError struct {
	status       int
	name, detail string
}

func (e *requestError) Error() string { return e.detail }

func invalid(err error) error {
	return &requestError{http.StatusUnprocessableEntity, "RequestValidationError", err.Error()}
}

// writeError sends an error in the format of Polar's errors.
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

func serve(w http.ResponseWriter, r *http.Request, handle func(r *http.Request) (int, any, error)) {
	status, body, err := handle(r)
	requestErr, ok := errors.AsType[*requestError](err)
	switch {
	case ok:
		writeError(w, requestErr.status, requestErr.name, requestErr.detail)
	case err != nil:
		writeError(w, http.StatusInternalServerError, "InternalServerError", err.Error())
	case body == nil:
		w.WriteHeader(status)
	default:
		writeJSON(w, status, body)
	}
}

// maxBody is the maximum size of a request body in bytes.
const maxBody = 64 << 10

// decode decodes a JSON body into v and refuses unknown fields. Without a body, v stays unchanged.
func decode(r *http.Request, v any) error {
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil && err != io.EOF {
		return invalid(fmt.Errorf("invalid body: %w", err))
	}
	return nil
}

// query returns the query parameters of a request. It returns an error if one of them is not in names.
func query(r *http.Request, names ...string) (url.Values, error) {
	q := r.URL.Query()
	for name := range q {
		if !slices.Contains(names, name) {
			return nil, invalid(fmt.Errorf("unknown parameter %q; the parameters are %s", name, strings.Join(names, ", ")))
		}
	}
	return q, nil
}

// seconds is a duration in JSON. Unlike durations of the API, it can have a fraction.
type seconds float64

// duration converts seconds. If the number is too large, it returns a duration that the clock refuses.
func (s seconds) duration() time.Duration {
	return time.Duration(min(float64(s), maxOffset.Seconds()+1) * float64(time.Second))
}
