package token_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/token"
)

func TestTypedCodesAreFound(t *testing.T) {
	const code = "K7WQ2MXH"
	for name, typed := range map[string]string{
		"as in the mail":               "K7WQ2MXH",
		"lower case":                   "k7wq2mxh",
		"spaces and a dash":            " k7wq - 2mx h ",
		"full width":                   "Ｋ７ｗｑ２ＭＸＨ",
		"full width with a dash":       "Ｋ７ＷＱー２ＭＸＨ",
		"no-break space":               "K7WQ\u00a02MXH",
		"soft hyphen and zero width":   "K7WQ\u00ad2M\u200bXH\ufeff",
		"quotes":                       "«K7WQ2MXH».",
		"one character a line":         "K\n7\nW\nQ\n2\nM\nX\nH",
		"sentence":                     "Your code is K7WQ2MXH",
		"sentence with a dash":         "Your code is K7WQ-2MXH.",
		"sentence with a space":        "Your code: K7WQ 2MXH",
		"sentence in lower case":       "your code is k7wq-2mxh and can be used once",
		"sentence in full width":       "コードは「Ｋ７ＷＱ２ＭＸＨ」です",
		"Japanese":                     "ログインコード：K7WQ2MXH（10分間有効）",
		"twice":                        "K7WQ2MXH — your code is k7wq2mxh",
		"once in upper case":           "K7WQ2MXH, not 12345678x9, aaaa2222",
		"the mail":                     "Enter this code to sign in to Acme.\n\n    K7WQ2MXH\n\nYou can enter it here:\n\nhttps://example.com/acme/portal/authenticate\n\nThe code is valid for 10 minutes and can be used once.\n",
		"words that could be one code": "K7WQ2MXH and can be used",
	} {
		if got := token.NormalizeCode(typed, token.ClearAlphabet, len(code)); got != code {
			t.Errorf("%s: %q became %q", name, typed, got)
		}
	}
	for _, tt := range []struct{ name, typed, want string }{
		{"two codes", "K7WQ2MXH or A2B3C4D5", ""},
		{"two codes in lower case", "k7wq2mxh or a2b3c4d5", ""},
		{"words around parts of a code", "K7WQ 2MXH NEXT", ""},
		{"no code", "Please send me the code again, it did not arrive", ""},
		{"empty", "", ""},
		{"too long", strings.Repeat(" ", 2048) + code, ""},
		{"shorter", "k7wq-2m", "K7WQ2M"},
		{"longer", "k7wq-2mxh-aa", "K7WQ2MXHAA"},
		{"another alphabet", "O0I1L0", "O0I1L0"},
	} {
		if got := token.NormalizeCode(tt.typed, token.ClearAlphabet, len(code)); got != tt.want {
			t.Errorf("%s: %q became %q, want %q", tt.name, tt.typed, got, tt.want)
		}
	}
	if got := token.NormalizeCode("Your code is 0O1ILA", token.PolarAlphabet, token.MinCode); got != "0O1ILA" {
		t.Errorf("a code of Polar's alphabet became %q", got)
	}
}

func FuzzNormalizeCode(f *testing.F) {
	for _, seed := range []string{
		"A1B2C3", "a1b 2c3", "a1b-2c3", "Ａ１Ｂ２Ｃ３", "", "ß", "\x00", strings.Repeat("x", 300), "Your code is K7WQ-2MXH", "K7WQ2MXH A2B3C4D5",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for _, length := range []int{token.MinCode, token.DefaultCode, token.MaxCode} {
			code := token.NormalizeCode(typed, token.ClearAlphabet, length)
			if strings.Trim(code, token.CodeAlphabet) != "" || len(code) > token.MaxCode || token.NormalizeCode(code, token.ClearAlphabet, length) != code {
				t.Errorf("%q became %q", typed, code)
			}
			if _, ok := token.CheckCode(typed); ok && code != typed {
				t.Errorf("the code %q became %q", typed, code)
			}
			if again := token.NormalizeCode("= "+typed+" =", token.ClearAlphabet, length); len(typed) < 1000 && again != code {
				t.Errorf("%q became %q, and %q with other characters around it", typed, code, again)
			}
		}
	})
}
