// Package version reports which version of Postern a program contains.
package version

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// Number is the version of this source tree (https://semver.org).
const Number = "0.1.0"

const module = "github.com/postern-go/postern"

// Info describes a build of Postern.
type Info struct {
	Version string `json:"version"`
	// Commit is the Git commit, with "-dirty" appended if the working tree had changes. It is "" if the build does not record
	// the commit: go install and programs that embed the server record only the version.
	Commit   string `json:"commit"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// Read returns the version of the Postern module from the build information of the running program. In a build of a source
// tree, where the go command records no released version, Version is [Number].
func Read() Info {
	info := Info{Version: Number, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if build, ok := debug.ReadBuildInfo(); ok {
		info.complete(build)
	}
	return info
}

// complete sets Version and Commit from the information that the go command stored in the program.
func (i *Info) complete(build *debug.BuildInfo) {
	dirty := false
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			i.Commit = s.Value
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	if build.Main.Path != module {
		i.Commit = "" // the commit of the program that embeds Postern
		for _, d := range build.Deps {
			if d.Path == module && d.Replace == nil {
				i.setVersion(d.Version)
			}
		}
		return
	}
	if i.Commit == "" { // built by go install module@version, not in a repository
		i.setVersion(build.Main.Version)
	} else if dirty {
		i.Commit += "-dirty"
	}
}

// setVersion sets the version from a module version such as v0.1.0. It ignores "" and "(devel)", which mean a source tree.
func (i *Info) setVersion(v string) {
	if strings.HasPrefix(v, "v") {
		i.Version = v[1:]
	}
}
