package testserver

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/postern-go/postern/internal/openapi"
	"github.com/postern-go/postern/internal/openapi/openapitest"
)

// succeeded holds the IDs of the documented operations that answered a request of this process with a success.
var succeeded sync.Map

// NeverSucceeded returns the documented operations that have not answered any request of this process with a success.
func NeverSucceeded() (operations []openapi.Operation) {
	for _, op := range openapi.Operations() {
		if _, ok := succeeded.Load(op.ID); !ok {
			operations = append(operations, op)
		}
	}
	return operations
}

// Request sends a request and checks the answer against the OpenAPI document, if the document has the operation. Headers are
// pairs of name and value. A body is sent as JSON unless the headers name another content type.
func (s *Server) Request(method, path, body string, headers ...string) Answer {
	s.T.Helper()
	a := s.Send(method, path, body, headers...)
	bare, _, _ := strings.Cut(strings.TrimPrefix(path, "/api"), "?")
	if id := openapitest.OperationID(method, bare); id != "" {
		openapitest.Check(s.T, method, bare, a.Status, a.Header, []byte(a.Body))
		if a.Status < 300 {
			succeeded.Store(id, true)
		}
	}
	return a
}

// As is like [Server.Request], with a bearer token.
func (s *Server) As(token, method, path, body string, headers ...string) Answer {
	s.T.Helper()
	return s.Request(method, path, body, append([]string{"Authorization", "Bearer " + token}, headers...)...)
}

// Send sends a request without checking the answer against the OpenAPI document. It does not follow redirects.
func (s *Server) Send(method, path, body string, headers ...string) Answer {
	s.T.Helper()
	r, err := http.NewRequestWithContext(s.T.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.T.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		s.T.Fatal(err)
	}
	defer response.Body.Close()
	a, err := ReadAnswer(response, method+" "+path)
	if err != nil {
		s.T.Fatal(err)
	}
	return a
}

// ReadAnswer reads the answer to a request. request is the method and path that error messages show. If the answer is a stream,
// ReadAnswer reads only the beginning.
func ReadAnswer(r *http.Response, request string) (Answer, error) {
	a := Answer{Status: r.StatusCode, Header: r.Header, Request: request}
	if r.Header.Get("Content-Type") != "text/event-stream" {
		body, err := io.ReadAll(r.Body)
		a.Body = string(body)
		return a, err
	}
	b := make([]byte, 4096)
	n, err := r.Body.Read(b)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	a.Body = string(b[:n])
	return a, err
}

// Must fails the test and stops it unless the answer has the status.
func (s *Server) Must(status int, a Answer) Answer {
	s.T.Helper()
	if a.Status != status {
		s.T.Fatalf("%s: %d %s, want %d", a.Request, a.Status, a.Body, status)
	}
	return a
}
