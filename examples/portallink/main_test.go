package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

func TestPrintsOneTimeLink(t *testing.T) {
	srv := polartest.New(t)
	t.Setenv("POLAR_SERVER_URL", srv.URL)
	t.Setenv("POLAR_ACCESS_TOKEN", srv.AccessToken)
	srv.Customer(polar.CustomerIndividualCreate{Email: "ada@example.com", ExternalID: "user_1"})

	var out bytes.Buffer
	if err := run(t.Context(), []string{"user_1"}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), srv.URL+"/acme/portal?ticket=") {
		t.Errorf("got %q, want a one-time link", out.String())
	}
	if err := run(t.Context(), []string{"user_2"}, &out); !errors.Is(err, polar.ErrValidation) {
		t.Errorf("unknown customer: %v", err)
	}
	if err := run(t.Context(), nil, &out); err == nil || !strings.Contains(err.Error(), "usage") {
		t.Errorf("no argument: %v", err)
	}
}
