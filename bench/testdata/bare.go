// Command bare introspects one session with only net/http. The benchmark compares its binary size with that of the command
// introspect.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	r, err := http.NewRequest(http.MethodGet, os.Args[1]+"/v1/customer-portal/customer-session/introspect", nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	r.Header.Set("Authorization", "Bearer "+os.Args[2])
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Do(r)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer answer.Body.Close()
	var session struct {
		ExpiresAt time.Time `json:"expires_at"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&session); err != nil || answer.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, answer.Status, err)
		os.Exit(1)
	}
	fmt.Println("live until", session.ExpiresAt)
}
