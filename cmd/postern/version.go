package main

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/postern-go/postern/internal/version"
)

type versionCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (c versionCommand) Run(s streams) error {
	if c.JSON {
		return json.NewEncoder(s.out).Encode(version.Read())
	}
	_, err := fmt.Fprintln(s.out, versionText())
	return err
}

func versionText() string {
	v := version.Read()
	return fmt.Sprintf("postern %s (commit %s) %s %s", v.Version, cmp.Or(v.Commit, "unknown"), v.Go, v.Platform)
}
