// Command bench measures Postern against named floors, both in the same run, and prints ratios: numbers of one machine say
// little, ratios carry over. It leaves bench/results.json.
//
//	go run ./bench            (make bench)
//	go run ./bench create     one measure alone
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// result is one line of the report. Ratio is value by floor; better says which way is good.
type result struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Floor  float64 `json:"floor"`
	Ratio  float64 `json:"ratio"`
	Target float64 `json:"target"`
	Better string  `json:"better"`
}

// String is a line, without the target when there is none.
func (r result) String() string {
	line := fmt.Sprintf("%-86s %10.1f  floor %10.1f  ratio %6.3f", r.Name, r.Value, r.Floor, r.Ratio)
	if r.Target == 0 && r.Floor != 0 {
		return line
	}
	return line + fmt.Sprintf("  target %.2f (%s is better)", r.Target, r.Better)
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		serve(os.Args[2])
		return
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measures are what can be measured, in the order of the report.
var measures = []struct {
	name string
	run  func() ([]result, error)
}{
	{"introspect", introspectOverHTTP}, {"client", client}, {"portalauth", remembering}, {"size", size}, {"token", checkAndHash},
	{"create", creating}, {"login", loggingIn}, {"post", posting}, {"list", listing},
}

// run measures what is named, or everything.
func run(names []string) error {
	var results []result
	for _, m := range measures {
		if len(names) > 0 && !slices.Contains(names, m.name) {
			continue
		}
		r, err := m.run()
		if err != nil {
			return err
		}
		for _, r := range r {
			fmt.Println(r)
		}
		results = append(results, r...)
	}
	b, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("bench", "results.json"), append(b, '\n'), 0o644)
}
