"""Do the night's work of every room: what lapses, what is due, and what is past its time."""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management import base
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import listings, sheets
from marketplace.authority import nightly as agreements
from marketplace.bookings import slots
from marketplace.notices import entries
from marketplace.referrals import drafts, enquiries, turns
from marketplace.referrals.models import Draft
from marketplace.rights import nights, retention
from marketplace.sharing import nights as safety
from pricing import prices


def _drafts(*, at: datetime) -> int:
    """Delete forms that nobody saved for ninety days, but what a hold or a concern keeps."""
    return drafts.purge(at=at, but=retention.kept_back(Draft))


def _listings(*, at: datetime) -> int:
    """Write the rows of the search that have no words yet, as after an upgrade."""
    return listings.rebuild(services=listings.unsaid())


JOBS: dict[str, Callable[..., object]] = {
    "safety": safety.nightly,
    "agreements": agreements.nightly,
    "turns": turns.nightly,
    "enquiries": enquiries.sweep,
    "entries": entries.nightly,
    "prices": prices.nightly,
    "sheets": sheets.nightly,
    "free_times": slots.nightly,
    "listings": _listings,
    "retention": retention.nightly,
    "drafts": _drafts,
}
"""In this order: each does its own work, and again the same night changes nothing."""


class Command(base.BaseCommand):
    """Do the night's work once a local day; the database remembers that it was done."""

    help = "Does the night's work, once a local day: warnings, reviews that are due, retention."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to do it although it was done today."""
        parser.add_argument("--again", action="store_true", help="do it although it was done today")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what was done."""
        done = work(at=timezone.now(), again=options["again"])
        if done is None:
            self.stdout.write(_("The night's work of today is done, or somebody is at it."))
            return
        for name, outcome in done.items():
            self.stdout.write(f"{name}: {outcome}")


def work(*, at: datetime, again: bool = False) -> dict[str, object] | None:
    """Do every job for the local day of `at`; None where it is done or somebody is at it.

    A job that fails leaves the day open, so that it is done again once the claim has run out.
    """
    night = nights.claim(at=at, again=again)
    if night is None:
        return None
    done = {name: job(at=at) for name, job in JOBS.items()}
    nights.end(night=night, at=at)
    return done


def sweep(*, at: datetime) -> int:
    """Do the night's work if it is still to do, and return how many jobs that were."""
    return len(work(at=at) or {})
