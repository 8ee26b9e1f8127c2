package portalauth

import (
	"encoding/binary"
	"encoding/hex"
)

// parseUUID parses the canonical form with 8-4-4-4-12 hexadecimal digits.
func parseUUID(text string) (id [16]byte, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(text[:8]+text[9:13]+text[14:18]+text[19:23]+text[24:]))
	return id, err == nil
}

// sessionKeyOfID returns the session key in the ID of a Postern session: the first 63 bits that are neither version nor
// variant.
func sessionKeyOfID(id [16]byte) uint64 {
	hi, lo := binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])
	return hi>>16<<15 | hi&0xFFF<<3 | lo>>59&7
}
