package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

// answers is an input that computes each line when the program reads it: only then has the mail with the code been sent.
type answers struct {
	lines []func() string
	rest  io.Reader
}

func (a *answers) Read(p []byte) (int, error) {
	if a.rest == nil {
		if len(a.lines) == 0 {
			return 0, io.EOF
		}
		a.rest, a.lines = strings.NewReader(a.lines[0]()+"\n"), a.lines[1:]
	}
	n, err := a.rest.Read(p)
	if err == io.EOF {
		a.rest, err = nil, nil
	}
	return n, err
}

func TestLogin(t *testing.T) {
	const email = "ada@example.com"
	srv := polartest.New(t)
	t.Setenv("POLAR_SERVER_URL", srv.URL)
	t.Setenv("POLAR_ORGANIZATION_ID", string(srv.OrganizationID))
	code := func() string { return strings.ToLower(srv.MailTo(email).Code) }
	ada := srv.Customer(polar.CustomerIndividualCreate{Email: email, Name: polar.Set("Ada")})

	var out bytes.Buffer
	if err := run(t.Context(), []string{email}, &answers{lines: []func() string{code}}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), string(ada.ID)) {
		t.Error(out.String())
	}
	wrong := func() string { return "AAAAAA" }
	if err := run(t.Context(), []string{email}, &answers{lines: []func() string{wrong}}, &out); err == nil || !strings.Contains(err.Error(), "start again") {
		t.Errorf("%v", err)
	}
	if err := run(t.Context(), nil, &answers{}, &out); err == nil || !strings.Contains(err.Error(), "usage") {
		t.Errorf("%v", err)
	}
	if err := run(t.Context(), []string{email}, &answers{}, &out); err != io.EOF {
		t.Errorf("%v", err)
	}

	// With several customers for the address, the program asks which one to log in.
	team := srv.Customer(polar.CustomerTeamCreate{Name: polar.Set("Analytical Engines"), Owner: polar.Set(polar.MemberOwnerCreate{Email: email})})
	out.Reset()
	choice := func() string {
		for line := range strings.Lines(out.String()) {
			if number, ok := strings.CutSuffix(strings.TrimSpace(line), "  Analytical Engines"); ok {
				return number
			}
		}
		return "not offered"
	}
	if err := run(t.Context(), []string{email}, &answers{lines: []func() string{code, choice}}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), string(team.ID)) {
		t.Error(out.String())
	}
	none := func() string { return "3" }
	if err := run(t.Context(), []string{email}, &answers{lines: []func() string{code, none}}, &out); err == nil {
		t.Error("choice 3 of 2 was accepted")
	}
}
