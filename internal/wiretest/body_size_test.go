package wiretest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// announce sends the head of a POST request, and no body. It returns the answer, and whether the server closes the connection.
func announce(t *testing.T, srv *testserver.Server, token, path, length string) (a testserver.Answer, closed bool) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	if token != "" {
		token = "Authorization: Bearer " + token + "\r\n"
	}
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%s%s\r\n\r\n", path, token, length)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%s, %s: the server does not answer before it has the body: %v", path, length, err)
	}
	defer response.Body.Close()
	a, err = testserver.ReadAnswer(response, path+", "+length)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, conn)
	return a, err == nil
}

// A long body is not read before the caller has passed all other checks. Beyond 10 MiB, it is refused before everything else.
func TestLongBodyIsAnsweredWithoutReadingIt(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	session := srv.CustomerSession(srv.Ada()).Token
	reader := srv.AccessToken("customers:read").Token
	const (
		login        = "/v1/customer-portal/customer-session/authenticate"
		ownCustomers = "/v1/customer-portal/customers/me/email-update/request"
		oauth        = "/v1/oauth2/introspect"
		noLength     = "Transfer-Encoding: chunked"
		unauthorized = `{"error":"Unauthorized","detail":"Unauthorized"}`
	)
	length := func(n int) string { return fmt.Sprintf("Content-Length: %d", n) }
	tooLarge := func(n int) string {
		return fmt.Sprintf(`{"error": "RequestBodyTooLarge", "detail": "Request body exceeded the maximum allowed size of %d bytes."}`, n)
	}
	for _, tt := range []struct {
		name, token, path, length string
		status                    int
		body                      string
	}{
		{"anonymous, no length", "", sessions, noLength, 411, `{"error": "LengthRequired", "detail": "A Content-Length header is required."}`},
		{"anonymous, more than Polar accepts", "", sessions, length(10<<20 + 1), 413, tooLarge(10 << 20)},
		{"anonymous, protected", "", sessions, length(64<<10 + 1), 401, unauthorized},
		{"anonymous, protected, longest", "", sessions, length(10 << 20), 401, unauthorized},
		{"anonymous, public", "", login, length(64<<10 + 1), 413, tooLarge(64 << 10)},
		{"anonymous, public, longest", "", login, length(10 << 20), 413, tooLarge(64 << 10)},
		{"anonymous, form", "", oauth, length(64<<10 + 1), 413, tooLarge(64 << 10)},
		{"anonymous, no route", "", "/v1/nowhere", length(10 << 20), 404, `{"detail":"Not Found"}`},
		{"wrong kind of token", session, sessions, length(64<<10 + 1), 401, unauthorized},
		{"without the scope", reader, sessions, length(64<<10 + 1), 403, ""},
		{"invalid token", "garbage", sessions, length(10 << 20), 401, ""},
		{"organization, more than its limit", srv.Token, sessions, length(1<<20 + 1), 413, tooLarge(1 << 20)},
		{"organization, more than Polar accepts", srv.Token, sessions, length(10<<20 + 1), 413, tooLarge(10 << 20)},
		{"organization, public", srv.Token, login, length(64<<10 + 1), 413, tooLarge(64 << 10)},
		{"session, more than its limit", session, ownCustomers, length(64<<10 + 1), 413, tooLarge(64 << 10)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, closed := announce(t, srv, tt.token, tt.path, tt.length)
			if a.Status != tt.status || tt.body != "" && a.Body != tt.body {
				t.Errorf("%d %s, want %d %s", a.Status, a.Body, tt.status, tt.body)
			}
			if !closed {
				t.Error("the server keeps the connection and would read the body")
			}
			if edge := a.Status == 411 || a.Status == 413; edge != (a.Header.Get("Cache-Control") == "") || a.Header.Get("Polar-Version") == "" {
				t.Errorf("headers: %v", a.Header)
			}
		})
	}
}

// Up to 64 KiB, the order of checks is Polar's: the syntax of the body comes before the caller.
func TestBodyOfAnAnonymousCallerIsParsedFirst(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	padded := func(n int, text string) string { return strings.Repeat(" ", n-len(text)) + text }
	srv.Request("POST", sessions, padded(64<<10, `{"a":`)).Is(t, 422, "json_invalid")
	srv.Request("POST", sessions, padded(64<<10, `{}`)).Is(t, 401, "Unauthorized")
	srv.Send("POST", sessions, padded(64<<10+1, `{"a":`)).Is(t, 401, "Unauthorized")
	srv.As(srv.Token, "POST", customers, padded(1<<20, `{"email":"long@example.com"}`)).Is(t, 201)
}
