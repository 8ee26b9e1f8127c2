package main

import (
	"bytes"
	"io"
	"log"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// mailServer is a session of a mail server that accepts one password and no mails.
type mailServer struct{ t *testing.T }

func (mailServer) AuthMechanisms() []string { return []string{sasl.Plain} }
func (mailServer) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, password string) error {
		if password != "right-password" {
			return &smtp.SMTPError{Code: 535, Message: "not with " + password}
		}
		return nil
	}), nil
}
func (m mailServer) Mail(string, *smtp.MailOptions) error {
	m.t.Error("the doctor sends a mail")
	return smtp.ErrAuthRequired
}
func (mailServer) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (mailServer) Data(io.Reader) error                 { return nil }
func (mailServer) Reset()                               {}
func (mailServer) Logout() error                        { return nil }

func TestDoctorLogsInToTheMailServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	backend := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return mailServer{t}, nil }))
	backend.AllowInsecureAuth, backend.ErrorLog = true, log.New(io.Discard, "", 0)
	go backend.Serve(l)
	defer backend.Close()
	dir := t.TempDir()
	if status := run([]string{"init", "--data", dir, "--organization", "acme"}, nil, io.Discard, io.Discard); status != 0 {
		t.Fatal(status)
	}
	for _, tt := range []struct {
		password string
		status   int
		want     string
	}{
		{"right-password", 0, "ok       smtp          the mail server accepts the sender's connection, without TLS (smtp://…@" + l.Addr().String() + ")"},
		{"wrong-password", 1, "error    smtp          the mail server cannot be used"},
	} {
		var out, errs bytes.Buffer
		args := []string{"doctor", "--data", dir, "--smtp-url", "smtp://postern:" + tt.password + "@" + l.Addr().String(), "--mail-from", "login@example.com"}
		if got := run(args, nil, &out, &errs); got != tt.status || !strings.Contains(out.String(), tt.want) {
			t.Errorf("status %d, want %d and %q:\n%s%s", got, tt.status, tt.want, out.String(), errs.String())
		}
		if strings.Contains(out.String()+errs.String(), tt.password) {
			t.Errorf("the output shows the password:\n%s", out.String())
		}
	}
}

// A running server does not hinder the doctor, and the doctor does not hinder the server.
func TestDoctorWhileTheServerRuns(t *testing.T) {
	dir, _ := runningIn(t)
	var out, errs bytes.Buffer
	if got := run([]string{"doctor", "--data", dir}, nil, &out, &errs); got != 0 || !strings.Contains(out.String(), "a server is using it") {
		t.Errorf("status %d:\n%s%s", got, out.String(), errs.String())
	}
}
