package wirejson_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/wirejson"
)

func TestAppend(t *testing.T) {
	name := "Ada"
	type wire struct {
		Name  *string        `json:"name"`
		None  *string        `json:"none"`
		Map   map[string]any `json:"map"`
		Pair  [2]string      `json:"pair"`
		For   *time.Duration `json:"for"`
		Inner struct {
			At time.Time `json:"at"`
		} `json:"inner"`
		hidden int
	}
	v := wire{Name: &name, Map: map[string]any{"b": int64(1), "a": 1.0, "c": true}, Pair: [2]string{"x", "y"}, For: new(90 * time.Second), hidden: 1}
	v.Inner.At = time.Date(2026, 8, 22, 9, 30, 15, 120_000_000, time.UTC)
	want := `{"name":"Ada","none":null,"map":{"a":1.0,"b":1,"c":true},"pair":["x","y"],"for":90,"inner":{"at":"2026-08-22T09:30:15.120000Z"}}`
	if got := string(wirejson.Append(nil, v)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Stored maps have the order of PostgreSQL's jsonb. A map of the request keeps the order of the request.
func TestOrderOfMaps(t *testing.T) {
	m := map[string]any{"b": int64(1), "aa": int64(2), "a": json.Number("10000000000000000000"), "é": 1e-7, "10": 1e22, "9": -0.00001}
	for _, tt := range []struct {
		value any
		want  string
	}{
		{m, `{"9":-0.00001,"a":10000000000000000000,"b":1,"10":1e+22,"aa":2,"é":1e-7}`},
		{wirejson.Ordered{Value: m, Names: []string{"b", "é", "a", "elsewhere"}}, `{"b":1,"é":1e-7,"a":10000000000000000000,"9":-0.00001,"10":1e+22,"aa":2}`},
	} {
		if got := string(wirejson.Append(nil, tt.value)); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestAppendTime(t *testing.T) {
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 8, 22, 9, 30, 15, 120_000_000, time.UTC), `"2026-08-22T09:30:15.120000Z"`},
		{time.Date(2026, 8, 22, 9, 30, 15, 999, time.UTC), `"2026-08-22T09:30:15Z"`},
		{time.Date(2026, 8, 22, 9, 30, 15, 1000, time.UTC), `"2026-08-22T09:30:15.000001Z"`},
		{time.Date(2026, 1, 2, 1, 4, 5, 0, time.FixedZone("", 7200)), `"2026-01-01T23:04:05Z"`},
		{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), `"0001-01-01T00:00:00Z"`},
	} {
		if got := string(wirejson.AppendTime(nil, tt.at)); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestAppendFloat(t *testing.T) {
	for f, want := range map[float64]string{
		1: "1.0", 0: "0.0", 0.1: "0.1", -2.5: "-2.5", 1e15: "1000000000000000.0", 1e16: "1e+16", 1e-4: "0.0001", 1e-5: "1e-05", math.Inf(1): "null",
	} {
		if got := string(wirejson.AppendFloat(nil, f)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\x1f\"\\\n\u2028é\xff😀")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(wirejson.AppendString(nil, s), &back); err != nil {
			t.Fatalf("%q is not JSON: %v", s, err)
		}
		if want := string([]rune(s)); back != want {
			t.Errorf("decoded string is %q, want %q", back, want)
		}
	})
}
