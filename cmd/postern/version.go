package main

import (
	"fmt"
	"runtime"

	"github.com/postern-go/postern"
)

type versionCommand struct{}

func (versionCommand) Run(s streams) error {
	_, err := fmt.Fprintf(s.out, "postern %s %s %s/%s\n", postern.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
