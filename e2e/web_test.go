package e2e

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// web serves all sites below example.com and example.net to the browser, over TLS, and records all requests and answers.
type web struct {
	server *httptest.Server
	addr   string

	mu        sync.Mutex
	sites     map[string]http.Handler
	exchanges []exchange
}

// exchange is a request of the browser and its answer.
type exchange struct {
	method, url, referer, form string
	status                     int
	header                     http.Header
	body                       string
}

func newWeb() *web {
	w := &web{sites: map[string]http.Handler{}}
	w.server = httptest.NewUnstartedServer(w)
	w.server.EnableHTTP2 = true
	w.server.StartTLS()
	w.addr = w.server.Listener.Addr().String()
	return w
}

// addSite serves a site under its host name until the test ends.
func (w *web) addSite(t *testing.T, name string, site http.Handler) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sites[name] != nil {
		t.Fatalf("site %s exists already", name)
	}
	w.sites[name] = site
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.sites, name)
	})
}

// proxyTo returns a reverse proxy to a server, which terminates TLS.
func proxyTo(s *server) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			to, err := url.Parse(s.url)
			if err != nil {
				panic(err) // the server has a valid URL
			}
			r.SetURL(to)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		Transport: client.Transport,
		ErrorLog:  log.New(io.Discard, "", 0), // errors are either closed tabs or fail a test anyway
	}
}

func (w *web) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	site := w.sites[r.Host]
	w.mu.Unlock()
	if site == nil {
		http.NotFound(out, r)
		return
	}
	form, err := io.ReadAll(r.Body)
	if err != nil {
		return // the tab was closed
	}
	r.Body = io.NopCloser(bytes.NewReader(form))
	answer := httptest.NewRecorder()
	site.ServeHTTP(answer, r)

	w.mu.Lock()
	w.exchanges = append(w.exchanges, exchange{
		r.Method, "https://" + r.Host + r.URL.RequestURI(), r.Referer(), string(form),
		answer.Code, answer.Header().Clone(), answer.Body.String(),
	})
	w.mu.Unlock()
	for name, values := range answer.Header() {
		out.Header()[name] = values
	}
	out.WriteHeader(answer.Code)
	out.Write(answer.Body.Bytes())
}

// exchangesWith returns the recorded exchanges with a site.
func (w *web) exchangesWith(site string) []exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	var seen []exchange
	for _, x := range w.exchanges {
		if u, err := url.Parse(x.url); err == nil && u.Host == site {
			seen = append(seen, x)
		}
	}
	return seen
}
