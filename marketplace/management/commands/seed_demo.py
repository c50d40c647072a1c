"""Build the demonstration place from committed data files, as of one day."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from budgets import ledger
from budgets.models import Family
from marketplace.management.demonstration import (
    agreements,
    catalogue,
    families,
    funds,
    guides,
    household,
    people,
)
from marketplace.management.demonstration.stage import Stage

FAMILIES = 60

BEFORE: tuple[Callable[[Stage], object], ...] = (
    catalogue.build,
    people.hire,
    guides.build,
    agreements.sign,
    funds.open_all,
    household.build,
)
AFTER: tuple[Callable[[Stage], object], ...] = (
    catalogue.open_times,
    catalogue.list_all,
    people.give_passwords,
)


class Command(BaseCommand):
    """Build the demonstration place, through the verbs, in one transaction."""

    help = "Builds the demonstration place: deterministic for its date. Needs an empty database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the day everything is as of, and how many families to make up."""
        parser.add_argument("--on", type=date.fromisoformat, help="the day that is today there")
        parser.add_argument("--families", type=int, default=FAMILIES, help="families to make up")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build part by part, prove the ledger, and say what stands."""
        if Family.objects.exists():
            raise CommandError(_("There are families here already. Start afresh first: make reset"))
        began = time.monotonic()
        stage = Stage(on=options["on"] or timezone.localdate(), families=options["families"])
        with transaction.atomic():
            for part in BEFORE:
                part(stage)
            _live(stage)
            for part in AFTER:
                part(stage)
            proof = ledger.prove()
            if not proof.ok:
                raise CommandError("\n".join(str(problem) for problem in proof.problems))
        self.stdout.write(_("ledger proved: %(count)s transfers") % {"count": proof.transfers})
        self.stdout.write(f"{time.monotonic() - began:.1f} s")


def _live(stage: Stage) -> None:
    """Let the made-up families live, with a bar that counts the days."""
    first = stage.day(families.FIRST_DAY)
    with tqdm(total=(stage.on - first).days, disable=None, unit=" days") as bar:
        families.live(stage, watch=lambda at: bar.update(max((at.date() - first).days - bar.n, 0)))
