package server

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/web"
)

func TestRateLimitsAreParsed(t *testing.T) {
	const quarter = 15 * time.Minute
	guarded := web.Rate{Minute: 6, Hour: 12, Block: quarter}
	for _, tt := range []struct {
		text                               string
		login, emailUpdate, other, pending web.Rate
	}{
		{"", guarded, guarded, web.Rate{Minute: 500}, web.Rate{Minute: 60}},
		{"off", web.Rate{}, web.Rate{}, web.Rate{}, web.Rate{}},
		{"login=6/m+12/h,default=500/m,pending=60/m", guarded, guarded, web.Rate{Minute: 500}, web.Rate{Minute: 60}},
		{"default=100/s", guarded, guarded, web.Rate{Second: 100}, web.Rate{Minute: 60}},
		{"email-update=1/h+2/s+3/m, default=off", guarded, web.Rate{Second: 2, Minute: 3, Hour: 1, Block: quarter}, web.Rate{}, web.Rate{Minute: 60}},
		{"pending=1000000000/s", guarded, guarded, web.Rate{Minute: 500}, web.Rate{Second: 1_000_000_000}},
	} {
		var limits RateLimits
		err := limits.UnmarshalText([]byte(tt.text))
		got := limits.rates()
		for zone, want := range map[web.Zone]web.Rate{web.Login: tt.login, web.EmailUpdate: tt.emailUpdate, web.Default: tt.other, web.Pending: tt.pending} {
			want.Block = got[zone].Block // compared below
			if err != nil || got[zone] != want {
				t.Errorf("%q: zone %d is %+v, want %+v: %v", tt.text, zone, got[zone], want, err)
			}
		}
		if want := tt.login.Block; got[web.Login].Block != want || got[web.EmailUpdate].Block != want || got[web.Default].Block != 0 || got[web.Pending].Block != 0 {
			t.Errorf("%q blocks: %+v", tt.text, got)
		}
	}
	for _, text := range []string{
		"on", " ", ",", "login", "login=", "login=6", "login=6/", "login=/m", "login=6/d", "login=0/m", "login=-1/m", "login=6/m+", "login=6/m+7/m",
		"login=6/m,login=7/m", "portal=6/m", "login=1000000001/s", "login=1.5/m", "login=6/m;default=7/m", "login=6/m,", "off,login=6/m",
	} {
		if _, err := ParseRateLimits(text); err == nil || !strings.Contains(err.Error(), "login=6/m+12/h") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
