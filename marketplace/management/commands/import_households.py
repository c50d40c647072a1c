"""`manage.py import_households FILE`: see budgets/household_files.py for what a file says."""

import pathlib
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history, household_files, household_imports


class Command(BaseCommand):
    help = (
        "Bring households and their people (a JSON file) in. Safe to repeat; shows nobody hidden."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=pathlib.Path, help="the households, a JSON file")

    def handle(self, *args: Any, **options: Any) -> None:
        path: pathlib.Path = options["file"]
        try:
            file = household_files.read(path.read_bytes())
        except OSError as error:
            reason = error.strerror or str(error)
            raise CommandError(
                _("%(path)s cannot be read: %(reason)s.") % {"path": path, "reason": reason}
            ) from error
        except household_files.BadFile as error:
            for problem in error.problems:
                self.stdout.write(str(problem))
            raise CommandError(error.sentence) from error
        by = history.Actor(kind=history.ActorKind.IMPORT, reference=f"import:{file.source}"[:64])
        self.tell(household_imports.take(file=file, by=by, at=timezone.now()))

    def tell(self, report: household_imports.Report) -> None:
        """Print a line for whatever was left alone, and the summary."""
        for problem in report.left:
            self.stdout.write(str(problem))
        self.stdout.write(
            _(
                "%(created)s new, %(updated)s brought up to date, %(unchanged)s unchanged; "
                "%(left)s left alone."
            )
            % {
                "created": report.created,
                "updated": report.updated,
                "unchanged": report.unchanged,
                "left": len(report.left),
            }
        )
