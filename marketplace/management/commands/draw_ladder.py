"""Draw the ladder from its code into docs/: `ladder.svg`, and `ladder.md` with every arrow."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import base

from marketplace.management import drawing


class Command(base.BaseCommand):
    """Write both files anew."""

    help = "Draws the ladder of referrals into docs/ladder.svg and docs/ladder.md."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write them, and say where."""
        for path, content in drawings().items():
            path.write_text(content, encoding="utf-8")
            self.stdout.write(str(path.relative_to(settings.BASE_DIR)))


def drawings() -> dict[Path, str]:
    """Return what each file has to say, by its path."""
    folder = Path(settings.BASE_DIR) / "docs"
    return {folder / "ladder.svg": drawing.svg(), folder / "ladder.md": drawing.table()}
