#!/bin/sh
# Runs after the deb or rpm package is installed or upgraded.
set -e
if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers /usr/lib/sysusers.d/postern.conf
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart postern.service || true
fi
