package polar_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/postern-go/postern/polar"
)

func TestResponses(t *testing.T) {
	headers := []string{asJSON, "X-Request-Id: req 1", "Set-Cookie: a=secret", "X-Echo: Bearer " + liveToken}
	var response polar.Response
	client := newClient(t, respond(200, `{"expires_at":"2026-10-01T12:00:00Z"}`, headers...))
	if _, err := introspect(t, client, polar.WithResponseInto(&response)); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != 200 || response.RequestID != "req 1" || response.Header.Get("X-Echo") != "[redacted]" || response.Attempts != 1 {
		t.Errorf("%v", response)
	}
	wantText(t, allOutputs(t, response, true), []string{`StatusCode: 200`, `RequestID: "req 1"`}, []string{liveToken, "secret"})

	client = newClient(t, respond(500, `{}`, headers...), polar.WithoutRetries())
	_, err := introspect(t, client, polar.WithResponseInto(&response))
	apiErr, ok := errors.AsType[*polar.Error](err)
	if !ok || fmt.Sprint(apiErr.Header) != fmt.Sprint(response.Header) || apiErr.RequestID != "req 1" || apiErr.Header.Get("X-Echo") != "[redacted]" || response.StatusCode != 500 {
		t.Errorf("%v, %v", err, response)
	}
	wantText(t, allOutputs(t, err, true)+allOutputs(t, *apiErr, true), []string{", request req 1"}, []string{liveToken, "secret"})

	client = newClientForURL(t, "http://127.0.0.1:1", polar.WithoutRetries())
	if _, err := introspect(t, client, polar.WithResponseInto(&response)); err == nil || response.StatusCode != 0 || response.Header != nil {
		t.Errorf("%v, %v", err, response)
	}
	for _, opt := range []polar.Option{polar.WithResponseInto(&response), polar.WithResponseInto(nil)} {
		if _, err := polar.New(opt); err == nil {
			t.Error("New accepts WithResponseInto")
		}
	}
}
