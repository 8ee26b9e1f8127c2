package polar_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

// Seconds of an answer become a time.Duration, and are encoded as seconds again.
func TestSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{`3600`: time.Hour, `0`: 0, `9223372036`: 9223372036 * time.Second} {
		var s polar.CustomerSessionSettings
		if err := json.Unmarshal([]byte(`{"max_expires_in":`+text+`}`), &s); err != nil || s.MaxExpiresIn != want {
			t.Errorf("%s: %v, %v", text, s.MaxExpiresIn, err)
		}
	}
	for _, text := range []string{`1.5`, `-1`, `9223372037`, `"60"`, `1e3`, `true`} {
		var info polar.CustomerSessionInfo
		if err := json.Unmarshal([]byte(`{"idle_timeout":`+text+`}`), &info); err == nil {
			t.Errorf("%s became %v", text, *info.IdleTimeout)
		}
	}
	info := polar.CustomerSessionInfo{IdleTimeout: new(time.Minute)}
	if err := json.Unmarshal([]byte(`{"idle_timeout":null}`), &info); err != nil || info.IdleTimeout != nil {
		t.Errorf("null: %v, %v", info.IdleTimeout, err)
	}
}
