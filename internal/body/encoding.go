package body

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// decodeJSON decodes a JSON document, whose encoding it detects as CPython's json.detect_encoding does: UTF-8, UTF-16 or UTF-32, with
// or without a byte order mark. It reports false if the document is not valid in that encoding.
func decodeJSON(raw []byte) (text string, ok bool) {
	switch starts := func(mark ...byte) bool { return bytes.HasPrefix(raw, mark) }; {
	case starts(0, 0, 0xFE, 0xFF):
		return decodeUTF32(raw[4:], binary.BigEndian)
	case starts(0xFF, 0xFE, 0, 0):
		return decodeUTF32(raw[4:], binary.LittleEndian)
	case starts(0xFE, 0xFF):
		return decodeUTF16(raw[2:], binary.BigEndian)
	case starts(0xFF, 0xFE):
		return decodeUTF16(raw[2:], binary.LittleEndian)
	case starts(0xEF, 0xBB, 0xBF):
		return string(raw[3:]), utf8.Valid(raw)
	}
	switch zero := func(i int) bool { return raw[i] == 0 }; { // the first two characters of a document are in ASCII
	case len(raw) >= 4 && zero(0) && zero(1):
		return decodeUTF32(raw, binary.BigEndian)
	case len(raw) >= 4 && zero(1) && zero(2) && zero(3):
		return decodeUTF32(raw, binary.LittleEndian)
	case (len(raw) >= 4 || len(raw) == 2) && zero(0):
		return decodeUTF16(raw, binary.BigEndian)
	case (len(raw) >= 4 || len(raw) == 2) && zero(1):
		return decodeUTF16(raw, binary.LittleEndian)
	}
	return decodeUTF8(raw)
}

// decodeUTF8 decodes UTF-8. It replaces a surrogate (U+D800 to U+DFFF) by its escape, because Python accepts both, and the parser
// refuses both.
func decodeUTF8(raw []byte) (string, bool) {
	if utf8.Valid(raw) {
		return string(raw), true
	}
	var b []byte
	for i := 0; i < len(raw); i++ {
		if i+2 < len(raw) && raw[i] == 0xED && raw[i+1] >= 0xA0 && raw[i+1] <= 0xBF && raw[i+2]&0xC0 == 0x80 {
			b = fmt.Appendf(b, `\u%04x`, 0xD000|int(raw[i+1]&0x3F)<<6|int(raw[i+2]&0x3F))
			i += 2
			continue
		}
		b = append(b, raw[i])
	}
	return string(b), utf8.Valid(b)
}

func decodeUTF16(raw []byte, order binary.ByteOrder) (string, bool) {
	if len(raw)%2 != 0 {
		return "", false
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	runes := utf16.Decode(units) // an unpaired surrogate becomes U+FFFD
	return string(runes), true
}

func decodeUTF32(raw []byte, order binary.ByteOrder) (string, bool) {
	if len(raw)%4 != 0 {
		return "", false
	}
	runes := make([]rune, len(raw)/4)
	for i := range runes {
		c := order.Uint32(raw[4*i:])
		if c > utf8.MaxRune {
			return "", false
		}
		runes[i] = rune(c)
	}
	return string(runes), true
}
