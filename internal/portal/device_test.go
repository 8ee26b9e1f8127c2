package portal

import (
	"testing"

	"github.com/postern-go/postern/internal/session"
)

func TestDeviceNames(t *testing.T) {
	english := localizers()[0]
	for agent, want := range map[string]string{
		"": "Unknown device",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0":                      "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15":                              "Safari on macOS",
		"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0":                                                                             "Firefox on Linux",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36":                                    "Chrome on Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0.0.0 Mobile/15E148 Safari/604.1":         "Chrome on iPhone",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36":                                     "Chrome on ChromeOS",
		"Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
		"Firefox/143.0":     "Firefox",
		"Windows Something": "Windows",
		"curl/8.14.1":       "Unknown device",
	} {
		if got := english.device(session.Client{UserAgent: agent}.Device()); got != want {
			t.Errorf("%s: %s, want %s", agent, got, want)
		}
	}
	for agent, want := range map[string]bool{
		"(iPhone; …) Mobile": true, "(Linux; Android 10) Mobile": true, "(Linux; Android 10)": false, "(Macintosh; Intel Mac OS X 10_15_7)": false,
	} {
		if got := (session.Client{UserAgent: agent}).Device().Phone; got != want {
			t.Errorf("%s is a phone: %v", agent, got)
		}
	}
}
