package e2e

import (
	"os"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

// An independent library validates the OpenAPI document.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../internal/openapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := document.GetVersion(); got != "3.1.0" {
		t.Errorf("OpenAPI version is %s", got)
	}
	model, err := document.BuildV3Model() // resolves every reference
	if err != nil {
		t.Fatal(err)
	}
	if n := model.Model.Paths.PathItems.Len(); n < 20 {
		t.Errorf("%d paths, want at least 20", n)
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	_, problems := v.ValidateDocument()
	for _, p := range problems {
		t.Errorf("%s: %s", p.Message, p.Reason)
		for _, s := range p.SchemaValidationErrors {
			t.Errorf("%s: %s", s.FieldPath, s.Reason)
		}
	}
}
