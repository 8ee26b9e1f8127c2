package main

import (
	"cmp"
	"fmt"
	"io"

	"github.com/postern-go/postern/internal/version"
)

type versionCommand struct{ printing }

func (c versionCommand) Run(s streams) error { return c.print(s, build(version.Read())) }

// build describes the binary.
type build version.Info

func (build) text(out io.Writer) error {
	_, err := fmt.Fprintln(out, versionText())
	return err
}

func versionText() string {
	v := version.Read()
	return fmt.Sprintf("postern %s (commit %s) %s %s", v.Version, cmp.Or(v.Commit, "unknown"), v.Go, v.Platform)
}
