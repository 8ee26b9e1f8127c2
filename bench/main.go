// Command bench measures Postern and a baseline in the same run and prints the ratio of both. Ratios can be compared between
// machines; absolute numbers cannot. The results are written to bench/results.json.
//
//	go run ./bench            runs all benchmarks (make bench)
//	go run ./bench create     runs only the benchmark "create"
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// result is one line of the report. Ratio is Value divided by Baseline. Better is "higher" or "lower".
type result struct {
	Name     string  `json:"name"`
	Value    float64 `json:"value"`
	Baseline float64 `json:"baseline"`
	Ratio    float64 `json:"ratio"`
	Target   float64 `json:"target"`
	Better   string  `json:"better"`
}

// String formats the result as one line.
func (r result) String() string {
	line := fmt.Sprintf("%-86s %10.1f  baseline %10.1f  ratio %6.3f", r.Name, r.Value, r.Baseline, r.Ratio)
	if r.Target == 0 && r.Baseline != 0 {
		return line
	}
	return line + fmt.Sprintf("  target %.2f (%s is better)", r.Target, r.Better)
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		serve(os.Args[2])
		return
	}
	flag.Usage = usage
	flag.Parse()
	if err := run(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprint(os.Stderr, "Usage: go run ./bench [NAME...]\n\nRuns the named benchmarks, or all of them, and writes bench/results.json.\n"+
		"Set "+postgresVariable+" to a postgres:// URL to include PostgreSQL.\n\nBenchmarks:")
	for _, b := range benchmarks {
		fmt.Fprint(os.Stderr, " ", b.name)
	}
	fmt.Fprintln(os.Stderr)
}

// benchmarks lists all benchmarks in the order of the report.
var benchmarks = []struct {
	name string
	run  func() ([]result, error)
}{
	{"introspect", introspectOverHTTP}, {"client", client}, {"portalauth", cachedVerify}, {"size", size}, {"token", checkAndHash},
	{"create", creates}, {"login", logins}, {"post", posts}, {"list", lists}, {"admin", operatorPages}, {"streams", streams},
}

// run runs the benchmarks with the given names, or all benchmarks if no names are given.
func run(names []string) error {
	var results []result
	for _, b := range benchmarks {
		if len(names) > 0 && !slices.Contains(names, b.name) {
			continue
		}
		r, err := b.run()
		if err != nil {
			return err
		}
		for _, r := range r {
			fmt.Println(r)
		}
		results = append(results, r...)
	}
	if results == nil {
		return fmt.Errorf("no benchmark is named %q; run with -h for the names", names)
	}
	b, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("bench", "results.json"), append(b, '\n'), 0o644)
}
