"""`manage.py import_services FILE-OR-ADDRESS [--source NAME]`."""

import pathlib
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from tqdm import tqdm

from budgets import history
from cms.models import Organisation
from marketplace.openreferral import downloads, feeds, files, imports


class Command(BaseCommand):
    help = "Bring a directory of services (a file, or a feed's address) into the catalogue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", help="the feed: a JSON file, or the http(s) address of an Open Referral UK feed"
        )
        parser.add_argument(
            "--source", default="", help="whose directory it is; without it, the file's name"
        )
        parser.add_argument(
            "--for",
            default="",
            dest="keeper",
            help="the organisation whose editors keep the entries of organisations new to us",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name: str = options["file"]
        source = (options["source"].strip() or self.named(name))[:100]
        keeper = self.keeper(options["keeper"].strip())
        try:
            feed = files.read(content=self.content(name))
        except OSError as error:
            reason = error.strerror or str(error)
            raise CommandError(
                _("%(path)s cannot be read: %(reason)s.") % {"path": name, "reason": reason}
            ) from error
        except feeds.BadFeed as error:
            raise CommandError(f"{name}: {error.sentence}") from error
        self.stdout.write(
            _("%(path)s is %(shape)s, with %(count)s services.")
            % {
                "path": pathlib.Path(name).name,
                "shape": feed.shape,
                "count": len(feed.services),
            }
        )
        report = imports.import_feed(
            feed=feed,
            source=source,
            by=history.Actor(
                kind=history.ActorKind.IMPORT,
                reference=f"import:{source}"[:64],
                organisation=keeper.reference if keeper else None,
            ),
            at=timezone.now(),
            progress=self.progress,
        )
        self.tell(report)

    def named(self, name: str) -> str:
        """Return what a directory is called that nobody named: its file, or its host."""
        host = urlsplit(name).hostname if downloads.is_address(name) else None
        return slugify(host.replace(".", "-") if host else pathlib.Path(name).stem) or "file"

    def content(self, name: str) -> bytes:
        """Return a file, or everything that a feed has."""
        if downloads.is_address(name):
            return downloads.fetch(address=name, progress=self.reading)
        return pathlib.Path(name).read_bytes()

    def reading(self, rows: Iterable[Any]) -> Iterable[Any]:
        """Show how much of a feed has been read."""
        shown: Iterable[Any] = tqdm(rows, desc=_("Reading"))
        return shown

    def keeper(self, name: str) -> Organisation | None:
        """Return the organisation an import is done for, if one is named."""
        found = Organisation.objects.filter(name__iexact=name).first() if name else None
        if name and found is None:
            raise CommandError(_("We know no organisation called “%(name)s”.") % {"name": name})
        return found

    def progress(self, services: Sequence[feeds.FeedService]) -> Iterable[feeds.FeedService]:
        """Show how far the import is."""
        shown: Iterable[feeds.FeedService] = tqdm(services, desc=_("Services"))
        return shown

    def tell(self, report: imports.ImportReport) -> None:
        """Print a line a problem, and the summary."""
        for problem in report.problems:
            self.stdout.write(f"{problem.source_id} {problem.code}: {problem.sentence}")
        self.stdout.write(
            _(
                "%(created)s new, %(updated)s brought up to date, %(unchanged)s unchanged, "
                "%(kept)s changed here and left alone, %(refused)s left out; "
                "%(problems)s problems, in the review list."
            )
            % {
                "created": report.created,
                "updated": report.updated,
                "unchanged": report.unchanged,
                "kept": report.kept,
                "refused": report.refused,
                "problems": len(report.problems),
            }
        )
