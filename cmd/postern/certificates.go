package main

// Root certificates for systems without root certificates, such as a container image that contains only the binary. If the
// system has its own certificates, Go uses the system's.
import _ "golang.org/x/crypto/x509roots/fallback"
