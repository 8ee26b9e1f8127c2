// Command jwt measures the verification of a JSON Web Token with golang-jwt. It prints the times for HS256 and for EdDSA in
// nanoseconds. It is a separate module, so that the main module does not depend on golang-jwt.
package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// claims holds the same data as a customer session.
var claims = jwt.MapClaims{
	"sub": "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a02", "member_id": "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a03",
	"scope": "customer_portal:write", "exp": time.Now().Add(time.Hour).Unix(),
}

func main() {
	secret := []byte(rand.Text() + rand.Text())
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(verify(jwt.SigningMethodHS256, secret, secret), verify(jwt.SigningMethodEdDSA, private, public))
}

func verify(method jwt.SigningMethod, sign, check any) int64 {
	text, err := jwt.NewWithClaims(method, claims).SignedString(sign)
	if err != nil {
		panic(err)
	}
	key := func(*jwt.Token) (any, error) { return check, nil }
	valid := jwt.WithValidMethods([]string{method.Alg()})
	return testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if _, err := jwt.Parse(text, key, valid); err != nil {
				panic(err)
			}
		}
	}).NsPerOp()
}
