package portal

import (
	"embed"
	"sync"

	"github.com/postern-go/postern/internal/design"
)

//go:embed static
var staticFiles embed.FS

// files are what pages link to.
var files = sync.OnceValue(func() *design.Files { return design.New(staticFiles) })

// assetAddress is the name under which a file is served.
func assetAddress(name string) string { return files().Address(name) }
