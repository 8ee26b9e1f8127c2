package mail_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/mail"
)

func TestParseSMTP(t *testing.T) {
	for text, want := range map[string]string{
		"smtp://mail.example.com":                                         "smtp://mail.example.com:587",
		"smtps://mail.example.com/":                                       "smtps://mail.example.com:465",
		"smtp://[::1]:1025?starttls=never":                                "smtp://[::1]:1025",
		"smtp://postern:s3cret@mail.example.com:2525":                     "smtp://…@mail.example.com:2525",
		"smtps://postern:s3%2Fcr%23et@mail.example.com":                   "smtps://…@mail.example.com:465",
		"smtp://postern:s3cret@mail.example.com?starttls=required":        "smtp://…@mail.example.com:587",
		"smtp://postern:s3cret@localhost:25?starttls=never":               "smtp://…@localhost:25",
		"smtp://postern%40example.com:s3cret@127.0.0.1?starttls=optional": "smtp://…@127.0.0.1:587",
	} {
		s, err := mail.ParseSMTP(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("mail", "server", s, "copy", *s)
		fmt.Fprintf(&log, "%v %+v %#v %s %v %#v", s, s, s, s, *s, *s)
		if text, err := json.Marshal(s); err == nil {
			log.Write(text)
		}
		contains(t, "log", log.String(), []string{want}, []string{"s3", "postern@", "postern:", "postern%40"})
	}
}

func TestParseSMTPRefuses(t *testing.T) {
	const whole, user, parameter, implicit, inClear = "want a URL such as", "given together", "the only parameters are",
		"always uses TLS", "unencrypted"
	for text, want := range map[string]string{
		"":                                                      whole,
		"mail.example.com:25":                                   whole,
		"http://s3cret@mail.example.com":                        whole,
		"smtp:s3cret":                                           whole,
		"smtp://":                                               whole,
		"smtp://:25":                                            whole,
		"smtp://mail.example.com:0":                             whole,
		"smtp://mail.example.com:65536":                         whole,
		"smtp://user:s3/cret@mail.example.com":                  whole,
		"smtp://user:33/s3cret@mail.example.com":                whole,
		"smtp://user:s3#cret@mail.example.com":                  whole,
		"smtp://user:33#s3cret@mail.example.com":                whole,
		"smtp://user:s3 cret@mail.example.com":                  whole,
		"smtp://user:s3%cret@mail.example.com":                  whole,
		"smtp://user:33?s3cret@mail.example.com":                parameter,
		"smtp://s3cret@mail.example.com":                        user,
		"smtp://:s3cret@mail.example.com":                       user,
		"smtp://s3cret:@mail.example.com":                       user,
		"smtp://mail.example.com?starttls=s3":                   parameter,
		"smtp://mail.example.com?tls=never":                     parameter,
		"smtps://mail.example.com?starttls=never":               implicit,
		"smtp://user:s3cret@mail.example.com?starttls=never":    inClear,
		"smtp://user:s3cret@mail.example.com?starttls=optional": inClear,
	} {
		s, err := mail.ParseSMTP(text)
		if err == nil || s != nil {
			t.Errorf("ParseSMTP(%q) = %v, %v, want an error", text, s, err)
			continue
		}
		contains(t, "error", err.Error(), []string{want}, []string{"s3", "cret", "33"})
	}
}
