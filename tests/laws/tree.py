"""The files that the laws judge."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("cms", "pricing", "budgets", "marketplace")


@dataclass(frozen=True)
class Source:
    """One of our files: its path from the top, and what it says."""

    path: str
    text: str

    @property
    def parsed(self) -> ast.Module:
        """Return it as Python's syntax tree."""
        return ast.parse(self.text, self.path)


def paths(*suffixes: str) -> list[str]:
    """Return our files with one of the suffixes, committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = sorted(set(listed.stdout.splitlines()))
    return [path for path in found if path.endswith(suffixes) and (ROOT / path).is_file()]


def sources(*suffixes: str, under: str = "") -> Iterator[Source]:
    """Yield our files with one of the suffixes, below a folder."""
    for path in paths(*suffixes):
        if path.startswith(under):
            yield Source(path, (ROOT / path).read_text())


def python(*, tests: bool = False) -> Iterator[Source]:
    """Yield what we wrote in Python: not the migrations, which makemigrations writes."""
    for source in sources(".py"):
        is_ours = source.path.startswith(PACKAGES) or (tests and source.path.startswith("tests/"))
        if is_ours and "/migrations/" not in source.path:
            yield source
