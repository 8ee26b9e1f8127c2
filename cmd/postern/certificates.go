package main

// Root certificates for systems without any, such as a container image that contains only the binary. If the system has
// certificates, Go uses those.
import _ "golang.org/x/crypto/x509roots/fallback"
