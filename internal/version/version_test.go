package version

import (
	"runtime/debug"
	"testing"
)

func TestVersionAndCommitFollowFromBuildInfo(t *testing.T) {
	const path = "github.com/postern-go/postern"
	checkout := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123abc"}, {Key: "vcs.modified", Value: "false"}}
	dirty := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123abc"}, {Key: "vcs.modified", Value: "true"}}
	for name, tt := range map[string]struct {
		build           debug.BuildInfo
		version, commit string
	}{
		"go run":     {debug.BuildInfo{Main: debug.Module{Path: path, Version: "(devel)"}}, Number, ""},
		"checkout":   {debug.BuildInfo{Main: debug.Module{Path: path, Version: "v0.0.0-20261128160000-0123abc"}, Settings: checkout}, Number, "0123abc"},
		"dirty":      {debug.BuildInfo{Main: debug.Module{Path: path, Version: "(devel)"}, Settings: dirty}, Number, "0123abc-dirty"},
		"go install": {debug.BuildInfo{Main: debug.Module{Path: path, Version: "v1.2.3"}}, "1.2.3", ""},
		"embedded": {debug.BuildInfo{
			Main: debug.Module{Path: "example.com/app", Version: "v9.0.0"}, Deps: []*debug.Module{{Path: path, Version: "v1.2.3"}}, Settings: checkout,
		}, "1.2.3", ""},
		"replaced": {debug.BuildInfo{
			Main: debug.Module{Path: "example.com/app"}, Deps: []*debug.Module{{Path: path, Version: "v1.2.3", Replace: &debug.Module{Path: "../postern"}}},
		}, Number, ""},
	} {
		info := Info{Version: Number}
		info.complete(&tt.build)
		if info.Version != tt.version || info.Commit != tt.commit {
			t.Errorf("%s: version %s, commit %s; want %s, %s", name, info.Version, info.Commit, tt.version, tt.commit)
		}
	}
}
