package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/web"
)

func TestBearer(t *testing.T) {
	for _, tt := range []struct {
		header, want string
		ok           bool
	}{
		{"Bearer x", "x", true},
		{"bearer x", "x", true},
		{"BEARER    x  ", "x", true},
		{"Bearer x y", "x y", true},
		{"Bearer", "", false},
		{"Bearer ", "", false},
		{"Bearer\tx", "", false},
		{"Basic x", "", false},
		{"x", "", false},
		{"", "", false},
		{"Bearer é", "", false},
		{"Bearer polar_crt_x", "", false}, // identifies an OAuth client, not a caller
		{"Bearer polar_cr", "polar_cr", true},
	} {
		if got, ok := web.Bearer(http.Header{"Authorization": {tt.header}}); got != tt.want || ok != tt.ok {
			t.Errorf("Bearer(%q) = %q, %v, want %q, %v", tt.header, got, ok, tt.want, tt.ok)
		}
	}
	if _, ok := web.Bearer(http.Header{}); ok {
		t.Error("a request without the header has a bearer token")
	}
}

func FuzzBearer(f *testing.F) {
	for _, seed := range []string{"Bearer x", "bearer  x y ", "Basic x", "Bearer \xff", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got, ok := web.Bearer(http.Header{"Authorization": {header}})
		if ok != (got != "") {
			t.Errorf("Bearer(%q) = %q, %v", header, got, ok)
		}
		if ok && (!strings.Contains(header, got) || strings.Trim(got, " ") != got || strings.ContainsFunc(got, func(r rune) bool { return r >= 0x80 })) {
			t.Errorf("Bearer(%q) = %q", header, got)
		}
	})
}
