// Command bench measures Postern against named floors, both in the same run, and prints ratios: numbers of one machine say
// little, ratios carry over. It leaves bench/results.json.
//
//	go run ./bench            (make bench)
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
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

func main() {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		serve(os.Args[2])
		return
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	var results []result
	for _, measure := range []func() ([]result, error){introspectOverHTTP, client, checkAndHash} {
		r, err := measure()
		if err != nil {
			return err
		}
		for _, r := range r {
			fmt.Printf("%-58s %12.1f  floor %12.1f  ratio %.2f  target %.2f (%s is better)\n", r.Name, r.Value, r.Floor, r.Ratio, r.Target, r.Better)
		}
		results = append(results, r...)
	}
	b, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("bench", "results.json"), append(b, '\n'), 0o644)
}
