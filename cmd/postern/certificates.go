package main

// Root certificates for systems that have none, such as a container image that
// holds the binary alone. Go uses the system's certificates where they exist.
import _ "golang.org/x/crypto/x509roots/fallback"
