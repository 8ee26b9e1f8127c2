package polar_test

import (
	"encoding/json"
	"testing"

	"github.com/postern-go/postern/polar"
)

func TestMetadataKeepsIntegersExact(t *testing.T) {
	var m polar.Metadata
	const text = `{"big":9223372036854775807,"bigger":9223372036854775808,"fraction":0.5,"null":null,"ok":true,"whole":5.0,"word":"a"}`
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	wantSame(t, m, polar.Metadata{
		"big": int64(9223372036854775807), "bigger": json.Number("9223372036854775808"), "fraction": 0.5, "null": nil, "ok": true, "whole": 5.0, "word": "a",
	})
	if err := json.Unmarshal([]byte(`null`), &m); err != nil || m != nil {
		t.Errorf("%v, %v", m, err)
	}
	for _, text := range []string{`[]`, `"a"`, `{"a":1e999}`} {
		if err := json.Unmarshal([]byte(text), &m); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}
