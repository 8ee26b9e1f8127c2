package server

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/directory"
)

func TestQuotas(t *testing.T) {
	standard := directory.DefaultLimits()
	small := standard
	small.Members, small.Endpoints = 5, 0
	polar := directory.PolarLimits()
	polar.Members = 7
	for _, tt := range []struct {
		text   string
		strict bool
		want   directory.Limits
	}{
		{"", false, standard}, {"off", false, directory.Limits{}}, {"members=5, endpoints=off", false, small},
		{"", true, directory.PolarLimits()}, {"members=7", true, polar},
	} {
		c := Config{StrictPolar: tt.strict}
		if err := c.Quotas.UnmarshalText([]byte(tt.text)); err != nil {
			t.Errorf("%q: %v", tt.text, err)
		}
		if _, err := c.complete(); err != nil {
			t.Fatal(err)
		}
		if got := c.Quotas.limits(); got != tt.want {
			t.Errorf("%q, strict %v: %+v, wanted %+v", tt.text, tt.strict, got, tt.want)
		}
	}
	for _, text := range []string{"members", "members=", "members=0", "members=-1", "members=1000000001", "seats=5", "members=5,members=6", "on", ","} {
		if q, err := ParseQuotas(text); err == nil || !strings.Contains(err.Error(), "invalid quota") {
			t.Errorf("%q: %+v, %v", text, q, err)
		}
	}
}
