"""Find, or install, the browser that the tests drive; standard library only.

Run as `python -m tests.machine` before anything slow: where there is none, that is said at once.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "Chromium is missing and cannot be installed here: install Debian's chromium package "
    "(or name one with CHROMIUM=/path/to/chromium), then run make test again."
)


def chromium() -> Path | None:
    """Return the path of Chromium, or None where there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return Path(named) if Path(named).is_file() else None
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


def install_chromium() -> None:
    """Install Debian's Chromium, where we are root on a Debian machine; else do nothing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-qq", "-y", "chromium"]):
        subprocess.run(
            ["apt-get", *arguments], env=quiet, stdout=subprocess.DEVNULL, check=False, timeout=600
        )


def main() -> int:
    """Make sure that there is a Chromium; return the exit code."""
    if chromium() is None:
        print("Installing Chromium, which the browser tests need …", flush=True)
        install_chromium()
    if chromium() is None:
        print(MISSING, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
