package portalauth

import (
	"net/http"
	"testing"
	"time"
)

func TestClockDifference(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	start := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC) // on the server's clock
	type response struct {
		at      time.Duration // when the request was sent, after start
		latency time.Duration
		answer  time.Duration // when the server answered, after the request was sent
		age     string
	}
	for name, test := range map[string]struct {
		ahead     time.Duration
		responses []response
		min, max  time.Duration // of the certain difference
	}{
		"equal clocks":                     {0, []response{{0, 10 * ms, 5 * ms, ""}}, 0, 0},
		"equal clocks, late in a second":   {0, []response{{990 * ms, 5 * ms, 2 * ms, ""}}, 0, 0},
		"equal clocks, second ends":        {0, []response{{990 * ms, 20 * ms, 15 * ms, ""}}, 0, 0},
		"equal clocks, slow response":      {0, []response{{0, 90 * s, 0, ""}}, 0, 0},
		"equal clocks, slow request":       {0, []response{{0, 90 * s, 90 * s, ""}}, 0, 0},
		"equal clocks, cached response":    {0, []response{{0, 10 * ms, -100 * s, "100"}}, 0, 0},
		"ahead less than the resolution":   {900 * ms, []response{{500 * ms, 10 * ms, 5 * ms, ""}}, 0, 900 * ms},
		"ahead":                            {30 * s, []response{{300 * ms, 10 * ms, 5 * ms, ""}}, 28900 * ms, 30 * s},
		"ahead, slow response":             {300 * s, []response{{0, 10 * s, 10 * s, ""}}, 288 * s, 300 * s},
		"ahead, several responses":         {30 * s, []response{{0, 10 * ms, 5 * ms, ""}, {1500 * ms, 10 * ms, 5 * ms, ""}, {2990 * ms, 9 * ms, 5 * ms, ""}}, 29900 * ms, 30 * s},
		"ahead, a slow one after a quick":  {30 * s, []response{{990 * ms, 5 * ms, 5 * ms, ""}, {20 * s, 20 * s, 20 * s, ""}}, 29900 * ms, 30 * s},
		"behind":                           {-30 * s, []response{{300 * ms, 10 * ms, 5 * ms, ""}}, -30 * s, -28900 * ms},
		"behind, slow response":            {-300 * s, []response{{0, 10 * s, 0, ""}}, -300 * s, -289 * s},
		"behind, several responses":        {-30 * s, []response{{0, 10 * ms, 5 * ms, ""}, {1990 * ms, 5 * ms, 2 * ms, ""}}, -30 * s, -29900 * ms},
		"no response":                      {30 * s, nil, 0, 0},
		"tolerated at most a minute ahead": {60 * s, []response{{0, 0, 0, ""}}, 59 * s, 60 * s},
	} {
		t.Run(name, func(t *testing.T) {
			var c serverClock
			for _, r := range test.responses {
				local := start.Add(r.at + test.ahead)
				h := http.Header{"Date": {start.Add(r.at + r.answer).Format(http.TimeFormat)}}
				if r.age != "" {
					h.Set("Age", r.age)
				}
				c.observe(h, local, local.Add(r.latency))
			}
			d := c.difference()
			if got := d.certain(); got < test.min || got > test.max {
				t.Errorf("%v, want %v to %v", got, test.min, test.max)
			}
			if len(test.responses) > 0 && (d.low > test.ahead || d.high < test.ahead) {
				t.Errorf("%v to %v does not contain %v", d.low, d.high, test.ahead)
			}
			if wrong := test.max > maxClockDifference || test.min < -maxClockDifference; (d.err() != nil) != wrong {
				t.Errorf("%v", d.err())
			}
			early, late := d.localTime(start)
			if early.After(late) || late.After(start.Add(maxClockDifference)) || late.Sub(early) > time.Second {
				t.Errorf("%v to %v", early, late)
			}
		})
	}
}

// A clock that is set makes earlier responses worthless.
func TestClockDifferenceAfterClockIsSet(t *testing.T) {
	var c serverClock
	start := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	h := http.Header{"Date": {start.Format(http.TimeFormat)}}
	for _, ahead := range []time.Duration{2 * time.Hour, 0, -2 * time.Hour, 10 * time.Second} {
		c.observe(h, start.Add(ahead), start.Add(ahead))
		if got := c.difference().certain(); (got - ahead).Abs() > time.Second {
			t.Errorf("%v, want %v", got, ahead)
		}
	}
}

func TestHideTokens(t *testing.T) {
	const token = "polar_mst_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2sN54l"
	for text, want := range map[string]string{
		"":                           "",
		"no token":                   "no token",
		token:                        "polar_mst_…",
		"a " + token + ", " + token:  "a polar_mst_…, polar_mst_…",
		"polar: refused polar_oat_x": "polar: refused polar_oat_…",
		"polar_":                     "polar_",
		"polar_mst_":                 "polar_mst_",
		"Bearer " + token + "\n":     "Bearer polar_mst_…\n",
	} {
		if got := hideTokens(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
