package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

func TestListAndRevoke(t *testing.T) {
	srv := polartest.New(t)
	t.Setenv("POLAR_SERVER_URL", srv.URL)
	t.Setenv("POLAR_ACCESS_TOKEN", srv.AccessToken)
	ada := srv.Customer(polar.CustomerIndividualCreate{Email: "ada@example.com", ExternalID: "user_1"})
	var ids []string
	for range 3 {
		ids = append(ids, string(srv.Session(polar.CustomerSessionCreate{Customer: ada.ID}).ID))
	}
	live := func(args ...string) int {
		t.Helper()
		var out bytes.Buffer
		if err := run(t.Context(), args, &out); err != nil {
			t.Fatal(err)
		}
		if err := run(t.Context(), []string{"user_1"}, &out); err != nil {
			t.Fatal(err)
		}
		return strings.Count(out.String(), " expires ")
	}
	if n := live("user_1", ids[0]); n != 2 {
		t.Errorf("%d live sessions after revoking one of three", n)
	}
	if n := live("user_1", "all"); n != 0 {
		t.Errorf("%d live sessions after revoking all", n)
	}
	if err := run(t.Context(), []string{"user_1", "unknown"}, nil); !errors.Is(err, polar.ErrNotFound) && !errors.Is(err, polar.ErrValidation) {
		t.Errorf("unknown session: %v", err)
	}
	if err := run(t.Context(), nil, nil); err == nil || !strings.Contains(err.Error(), "usage") {
		t.Errorf("no argument: %v", err)
	}
}
