package login

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

// A receipt shows that a browser asked for a code for an address. The portal stores it in a cookie when a code is requested, whether or
// not a customer has the address. A receipt holds a tag of the address, the time when it expires, and an HMAC of both. A browser has the
// receipts of the last addresses for which it asked, joined with dots.

// addressTag identifies an email address in an organization without revealing it.
type addressTag [2]uint64

// receiptSize is the size of a receipt: a tag, a time in seconds, and the first bytes of an HMAC.
const (
	tagSize     = 16
	macSize     = 16
	receiptSize = tagSize + 8 + macSize
)

// maxReceipts is the maximum number of receipts of a browser. A customer who does not remember the address of the
// account tries several.
const maxReceipts = 3

// Receipt returns the text that shows that the caller asked for a code for the address. previous is the text that the caller has
// already, or "".
func (d *Service) Receipt(org token.ID, email, previous string) string {
	tag := d.tag(org, email)
	body := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, tag[0]), tag[1])
	body = binary.BigEndian.AppendUint64(body, uint64(d.Now().Add(d.Lifetime).Unix()))
	mac := d.Secrets.Sum(receiptPurpose, string(body))
	texts := []string{base64.RawURLEncoding.EncodeToString(append(body, mac[:macSize]...))}
	d.eachReceipt(previous, func(text string, other addressTag) {
		if other != tag && len(texts) < maxReceipts {
			texts = append(texts, text)
		}
	})
	return strings.Join(texts, ".")
}

const receiptPurpose = "receipt of a request for a login code"

// tag returns the tag of an address. A rotation of the server's secrets changes tags; receipts from before then show nothing.
func (d *Service) tag(org token.ID, email string) addressTag {
	sum := d.Secrets.Sum("address of a login code", org.String()+" "+directory.FoldEmail(email))
	return addressTag{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

// askedFor returns the tags of the valid receipts in a text.
func (d *Service) askedFor(text string) (tags []addressTag) {
	d.eachReceipt(text, func(_ string, tag addressTag) {
		if !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	})
	return tags
}

// eachReceipt calls f for each valid receipt in a text, up to maxReceipts.
func (d *Service) eachReceipt(text string, f func(text string, tag addressTag)) {
	for i, one := range strings.SplitN(text, ".", maxReceipts+1) {
		receipt, err := base64.RawURLEncoding.DecodeString(one)
		if i == maxReceipts || err != nil || len(receipt) != receiptSize {
			return
		}
		body, mac := receipt[:receiptSize-macSize], receipt[receiptSize-macSize:]
		sum := d.Secrets.Sum(receiptPurpose, string(body))
		expires := time.Unix(int64(binary.BigEndian.Uint64(body[tagSize:])), 0)
		if hmac.Equal(sum[:macSize], mac) && d.Now().Before(expires) {
			f(one, addressTag{binary.BigEndian.Uint64(body[:8]), binary.BigEndian.Uint64(body[8:])})
		}
	}
}
