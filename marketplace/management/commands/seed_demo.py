"""Build the demonstration place from committed data files, as of one day."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from budgets import proofs
from budgets.models import Event, Family, Person, Plan
from cms.models import Organisation, Service
from marketplace.authority.models import Agreement
from marketplace.bookings.models import Booking, Session
from marketplace.management.demonstration import (
    agreements,
    catalogue,
    criteria,
    doorstep,
    families,
    forms,
    funds,
    gaps,
    guides,
    household,
    looks,
    mentors,
    negotiations,
    people,
    post,
    price_years,
    quality,
    safety,
    sharings,
    story,
)
from marketplace.management.demonstration.stage import Stage
from marketplace.people.models import User
from marketplace.referrals.models import Referral

FAMILIES = 60

BEFORE: tuple[Callable[[Stage], object], ...] = (
    catalogue.build,
    people.hire,
    mentors.introduce,
    price_years.move_on,
    guides.build,
    agreements.sign,
    negotiations.negotiate,
    funds.open_all,
    household.build,
    story.tell,
    forms.leave,
    doorstep.open_doors,
    sharings.share,
    safety.keep,
    looks.look,
    people.ask_to_work,
)
AFTER: tuple[Callable[[Stage], object], ...] = (
    criteria.set_all,
    catalogue.open_times,
    catalogue.list_all,
    gaps.look,
    price_years.look_ahead,
    negotiations.judge,
    quality.grow_old,
    post.close,
)

COUNTED: tuple[type[Model], ...] = (
    *(Organisation, Service, User, Agreement, Family, Person, Plan),
    *(Referral, Booking, Session, Event),
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
        if options["families"] < 0:
            raise CommandError(_("Give how many families to make up: none, or more."))
        began = time.monotonic()
        stage = Stage(on=options["on"] or timezone.localdate(), families=options["families"])
        with transaction.atomic():
            for part in BEFORE:
                part(stage)
            _live(stage)
            for part in AFTER:
                part(stage)
            proof = proofs.run(at=stage.now)
            if not proof.ok:
                raise CommandError("\n".join(str(problem) for problem in proof.problems))
        self.stdout.write(_("ledger proved: %(count)s transfers") % {"count": proof.transfers})
        self._say_what_stands(stage, seconds=time.monotonic() - began)

    def _say_what_stands(self, stage: Stage, *, seconds: float) -> None:
        """Print how much there is of everything, and how long it took."""
        for model in COUNTED:
            name = str(model._meta.verbose_name_plural)
            self.stdout.write(f"  {model._default_manager.count():>6} {name}")
        self.stdout.write(
            _("The demonstration place stands as of %(day)s, in %(seconds)s s.")
            % {"day": stage.on.isoformat(), "seconds": round(seconds)}
        )


def _live(stage: Stage) -> None:
    """Let the made-up families live, with a bar that counts the days."""
    first = stage.day(families.FIRST_DAY)
    with tqdm(total=(stage.on - first).days, disable=None, unit=" days") as bar:
        families.live(stage, watch=lambda at: bar.update(max((at.date() - first).days - bar.n, 0)))
