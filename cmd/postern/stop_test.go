package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/server"
)

// silentMailServer accepts connections and never answers.
func silentMailServer(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
		}
	}()
	return l.Addr().String()
}

// A server that stops with a mail in its queue says so, gives up in time, and releases the store.
func TestStopReportsMailsThatWereNotSent(t *testing.T) {
	const limit = 2 * time.Second
	dir := t.TempDir()
	var out bytes.Buffer
	if status := run([]string{"init", "--data", dir, "--organization", "acme", "--json"}, nil, &out, io.Discard); status != 0 {
		t.Fatal(status)
	}
	var made newOrganization
	if err := json.Unmarshal(out.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	config := server.Config{DataDir: dir, SMTPURL: "smtp://" + silentMailServer(t), MailFrom: "login@example.com"}
	addr, log, stop := running(t, listening{public: "127.0.0.1:0", grace: limit}, config)
	for _, request := range []struct {
		path, token, body string
		want              int
	}{
		{"/v1/customers/", made.AccessToken, `{"email":"ada@example.org"}`, http.StatusCreated},
		{"/v1/customer-portal/customer-session/request", "", fmt.Sprintf(`{"email":"ada@example.org","organization_id":%q}`, made.ID), http.StatusAccepted},
	} {
		r, err := http.NewRequest("POST", "http://"+addr+request.path, strings.NewReader(request.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if request.token != "" {
			r.Header.Set("Authorization", "Bearer "+request.token)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != request.want {
			t.Fatalf("%s: %s", request.path, answer.Status)
		}
	}
	start := time.Now()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > limit+2*time.Second {
		t.Errorf("stopping took %v", took)
	}
	text := log.text()
	for _, want := range []string{"then for queued mails\" grace_ms=2000 mails=1", `mails=1 kinds="login code: 1" domains="example.org: 1"`, "msg=stopped"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "ada@") || strings.LastIndex(text, "msg=stopped") < strings.Index(text, "they are lost") {
		t.Errorf("log:\n%s", text)
	}
	again, err := server.Open(t.Context(), config)
	if err != nil {
		t.Fatalf("the store is not released: %v", err)
	}
	again.Close()
}
