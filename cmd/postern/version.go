package main

import (
	"encoding/json"
	"fmt"

	"github.com/postern-go/postern/internal/version"
)

type versionCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (c versionCommand) Run(s streams) error {
	v := version.Read()
	if c.JSON {
		return json.NewEncoder(s.out).Encode(v)
	}
	commit := v.Commit
	if commit == "" {
		commit = "unknown commit"
	}
	_, err := fmt.Fprintf(s.out, "postern %s (%s) %s %s\n", v.Version, commit, v.Go, v.Platform)
	return err
}
