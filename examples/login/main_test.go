package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

// typist answers the questions of the program, each when it is asked: the code is in a mail by then.
type typist struct {
	answers []func() string
	rest    io.Reader
}

func (t *typist) Read(p []byte) (int, error) {
	if t.rest == nil {
		if len(t.answers) == 0 {
			return 0, io.EOF
		}
		t.rest, t.answers = strings.NewReader(t.answers[0]()+"\n"), t.answers[1:]
	}
	n, err := t.rest.Read(p)
	if err == io.EOF {
		t.rest, err = nil, nil
	}
	return n, err
}

func TestLogin(t *testing.T) {
	const email = "ada@example.com"
	srv := polartest.New(t)
	t.Setenv("POLAR_SERVER_URL", srv.URL)
	t.Setenv("POLAR_ORGANIZATION_ID", srv.OrganizationID)
	code := func() string { return strings.ToLower(srv.MailTo(email).Code) }
	ada := srv.Customer(polar.CustomerIndividualCreate{Email: email, Name: polar.Set("Ada")})

	var out bytes.Buffer
	if err := run(t.Context(), []string{email}, &typist{answers: []func() string{code}}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), ada.ID) {
		t.Error(out.String())
	}
	wrong := func() string { return "AAAAAA" }
	if err := run(t.Context(), []string{email}, &typist{answers: []func() string{wrong}}, &out); err == nil || !strings.Contains(err.Error(), "start again") {
		t.Errorf("%v", err)
	}
	if err := run(t.Context(), nil, &typist{}, &out); err == nil || !strings.Contains(err.Error(), "usage") {
		t.Errorf("%v", err)
	}
	if err := run(t.Context(), []string{email}, &typist{}, &out); err != io.EOF {
		t.Errorf("%v", err)
	}

	// Of several customers with the address, Ada chooses.
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
	if err := run(t.Context(), []string{email}, &typist{answers: []func() string{code, choice}}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), team.ID) {
		t.Error(out.String())
	}
	none := func() string { return "3" }
	if err := run(t.Context(), []string{email}, &typist{answers: []func() string{code, none}}, &out); err == nil {
		t.Error("the third of two was taken")
	}
}
