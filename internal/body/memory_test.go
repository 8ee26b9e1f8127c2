package body

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// Memory must not promise less than Parse keeps, whatever the shape of the body.
func TestMemoryBoundsWhatParseKeeps(t *testing.T) {
	var keys strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&keys, `"%x":1,`, i)
	}
	list := func(item string, n int) string { return "[" + strings.Repeat(item+",", n) + "1]" }
	for name, raw := range map[string]string{
		"numbers":        list("1", 30_000),
		"long numbers":   list(strings.Repeat("9", 300), 1000),
		"empty arrays":   list("[]", 30_000),
		"empty objects":  list("{}", 30_000),
		"deep arrays":    list("[[[[1]]]]", 10_000),
		"deepest arrays": list(strings.Repeat("[", 190)+strings.Repeat("]", 190), 500),
		"deep objects":   list(`{"":{"":{"":1}}}`, 10_000),
		"small objects":  list(`{"a":1}`, 30_000),
		"large objects":  list(`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1}`, 1000),
		"many keys":      "{" + keys.String() + `"":1}`,
		"one text":       `"` + strings.Repeat("x", 300_000) + `"`,
		"escapes":        `"` + strings.Repeat(`\u20ac`, 50_000) + `"`,
		"many texts":     list(`"xxxxxxxx"`, 30_000),
	} {
		t.Run(name, func(t *testing.T) {
			bytes := []byte(raw)
			before, after := new(runtime.MemStats), new(runtime.MemStats)
			runtime.GC()
			runtime.ReadMemStats(before)
			v, err := Parse("application/json", bytes)
			if err != nil {
				t.Fatal(err)
			}
			runtime.GC()
			runtime.ReadMemStats(after)
			kept := int64(after.HeapAlloc) - int64(before.HeapAlloc)
			const noise = 64 << 10
			if bound := Memory(bytes); kept > bound+noise {
				t.Errorf("Parse keeps %d bytes for a body of %d, and Memory returns %d", kept, len(raw), bound)
			}
			runtime.KeepAlive(v)
		})
	}
}

func TestMembersOfObjectsAreFoundAtEverySize(t *testing.T) {
	for n := range 3 * indexFrom {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, `"k%d":0,"k%d":%d,`, i, i, i)
		}
		v, err := parseJSON("{" + text.String() + `"last":1}`)
		if err != nil {
			t.Fatal(err)
		}
		if len(v.names) != n+1 {
			t.Fatalf("%d members, want %d", len(v.names), n+1)
		}
		for i := range n {
			if got := v.get(fmt.Sprintf("k%d", i)); got.text != fmt.Sprint(i) {
				t.Errorf("of %d members, k%d is %q", n, i, got.text)
			}
		}
		if v.get("none").kind != absentKind || v.get("last").text != "1" {
			t.Errorf("%d members: none %v, last %v", n, v.get("none"), v.get("last"))
		}
	}
}
