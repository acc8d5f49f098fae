#!/usr/bin/env bash
# The browser tests need a Chromium and a Chinese font; bring them where that is possible, say so where it is not.
set -euo pipefail

have_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

if have_browser >/dev/null; then
  exit 0
fi
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "== installing Chromium and a Chinese font for the browser tests"
  export DEBIAN_FRONTEND=noninteractive
  if apt-get update -qq >/dev/null 2>&1 &&
    apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null 2>&1 &&
    have_browser >/dev/null; then
    exit 0
  fi
  echo "== apt-get could not install Chromium"
fi
echo "== No Chromium on PATH: the tests marked 'browser' will be skipped."
echo "   To run them, install chromium (or google-chrome) and a CJK font, then run make test again."
