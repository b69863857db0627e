"""Find a Chromium for the tests, or get one: ``python tests/browser.py``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from helpers.site.takeaway.browser import look

HELP = """\
The site's tests need a Chromium, and none was found or could be installed. One of these will do:
  Debian, Ubuntu:  apt-get install chromium        (as root)
  anywhere:        .venv/bin/playwright install --with-deps chromium
  or name one:     CHROME=/path/to/chrome make test"""


def install() -> str | None:
    """Get one: from Debian's packages if we may, else from Playwright."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        attempts.insert(0, ["sh", "-c", "apt-get update -qq && apt-get install -y -qq chromium"])
    for command in attempts:
        print("→ Installing Chromium:", " ".join(command), flush=True)
        subprocess.run(
            command, check=False, stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        )
        if found := look():
            return found
    return None


if __name__ == "__main__":
    browser = look() or install()
    if browser is None or not Path(browser).exists():
        sys.exit(HELP if browser is None else f"$CHROME names {browser}, which does not exist.")
    print(f"→ Browser: {browser}")
