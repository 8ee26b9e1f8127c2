package portal

import (
	"testing"

	"github.com/postern-go/postern/internal/locale/localetest"
)

func TestCatalog(t *testing.T) {
	localetest.Check(t, "locale", "*.go", "!story*.go", "template/*.html", "../page/template/*.html")
}

func TestChooseLanguage(t *testing.T) {
	for _, c := range []struct {
		wishes []string
		want   string
	}{
		{[]string{"", "", "", ""}, "en"},
		{[]string{"de-AT"}, "de"},
		{[]string{"", "fr", "de", "ja"}, "fr"},
		{[]string{"", "", "vo", "ja"}, "ja"},
	} {
		if got := choose(c.wishes...); got.Code != c.want {
			t.Errorf("%q: %s, want %s", c.wishes, got.Code, c.want)
		}
	}
}
