package server

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/rate"
)

func TestRateLimitsAreParsed(t *testing.T) {
	const quarter = 15 * time.Minute
	guarded := rate.Rate{Minute: 6, Hour: 12, Block: quarter}
	for _, tt := range []struct {
		text                               string
		login, emailUpdate, other, pending rate.Rate
	}{
		{"", guarded, guarded, rate.Rate{Minute: 500}, rate.Rate{Minute: 60}},
		{"off", rate.Rate{}, rate.Rate{}, rate.Rate{}, rate.Rate{}},
		{"login=6/m+12/h,default=500/m,pending=60/m", guarded, guarded, rate.Rate{Minute: 500}, rate.Rate{Minute: 60}},
		{"default=100/s", guarded, guarded, rate.Rate{Second: 100}, rate.Rate{Minute: 60}},
		{"email-update=1/h+2/s+3/m, default=off", guarded, rate.Rate{Second: 2, Minute: 3, Hour: 1, Block: quarter}, rate.Rate{}, rate.Rate{Minute: 60}},
		{"pending=1000000000/s", guarded, guarded, rate.Rate{Minute: 500}, rate.Rate{Second: 1_000_000_000}},
	} {
		var limits RateLimits
		err := limits.UnmarshalText([]byte(tt.text))
		got := limits.limits()
		for bucket, want := range map[rate.Bucket]rate.Rate{rate.Login: tt.login, rate.EmailUpdate: tt.emailUpdate, rate.Default: tt.other, rate.Pending: tt.pending} {
			want.Block = got[bucket].Block // compared below
			if err != nil || got[bucket] != want {
				t.Errorf("%q: bucket %d is %+v, want %+v: %v", tt.text, bucket, got[bucket], want, err)
			}
		}
		if want := tt.login.Block; got[rate.Login].Block != want || got[rate.EmailUpdate].Block != want || got[rate.Default].Block != 0 || got[rate.Pending].Block != 0 {
			t.Errorf("%q blocks: %+v", tt.text, got)
		}
	}
	for _, text := range []string{
		"on", " ", ",", "login", "login=", "login=6", "login=6/", "login=/m", "login=6/w", "login=0/m", "login=-1/m", "login=6/m+", "login=6/m+7/m",
		"login=6/m,login=7/m", "portal=6/m", "login-ipv4=6/m", "login=1000000001/s", "login=1.5/m", "login=6/m;default=7/m", "login=6/m,", "off,login=6/m",
	} {
		if _, err := ParseRateLimits(text); err == nil || !strings.Contains(err.Error(), "login=6/m+12/h") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestLimitsOfCodesAreParsed(t *testing.T) {
	limits, err := ParseRateLimits("code-server=10/m,code-organization=3/h+5/d,code-address=off,login=2/m")
	got := limits.limits()
	if err != nil || got.Of(rate.CodeServer) != (rate.Rate{Minute: 10}) || got.Of(rate.CodeOrganization) != (rate.Rate{Hour: 3, Day: 5}) || got.Of(rate.CodeAddress).Limited() ||
		got.Of(rate.LoginIPv4Net) != (rate.Rate{Minute: 20}) || got.Of(rate.Default) != rate.Production()[rate.Default] {
		t.Errorf("%+v: %v", got, err)
	}
	if RateLimitsOff().limiter() != nil {
		t.Error("off counts mails or codes")
	}
}
