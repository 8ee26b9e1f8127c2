package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

func TestServeWithAdminServesAdminPages(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := t.TempDir()
	if status := run([]string{"init", "--data", dir, "--organization", "acme"}, nil, io.Discard, io.Discard); status != 0 {
		t.Fatal(status)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, "-test.run=^TestProcess$")
	cmd.Env = append(os.Environ(), "POSTERN_TEST_RUN=serve --admin --listen 127.0.0.1:0 --data "+dir)
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	addr := listeningAt(t, errs)
	if got := statusOf(ctx, t, "http://"+addr+"/admin"); got != http.StatusOK {
		t.Errorf("GET /admin: %d", got)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, errs)
	if err := cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}
