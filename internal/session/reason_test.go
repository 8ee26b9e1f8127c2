package session_test

import (
	"os"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/session"
)

func TestEndReasonsAreDocumented(t *testing.T) {
	api, err := os.ReadFile("../openapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	client, err := os.ReadFile("../../polar/customer_session_info.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, reason := range session.Reasons() {
		if !strings.Contains(string(api), "`"+string(reason)+"`") {
			t.Errorf("openapi.json: add %s to the description of end_reason", reason)
		}
		if reason.Inspection() == "" {
			continue
		}
		if status := `"` + string(reason) + `"`; !strings.Contains(string(api), status) {
			t.Errorf("openapi.json: add %s to the enum of an inspection's status", status)
		} else if !strings.Contains(string(client), status) {
			t.Errorf("polar: add %s to the comment of CustomerSessionInspection.Status", status)
		}
	}
}
