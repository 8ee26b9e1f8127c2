package portal

import (
	"testing"

	"github.com/postern-go/postern/internal/body"
)

func TestEveryStateHasAName(t *testing.T) {
	for country, names := range stateNames {
		codes := body.States(country)
		if len(codes) != len(names) {
			t.Errorf("%s: %d names for %d states", country, len(names), len(codes))
		}
		for _, code := range codes {
			if names[code] == "" {
				t.Errorf("%s-%s has no name", country, code)
			}
		}
	}
}
