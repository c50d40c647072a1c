"""One made-up request, and what it needs to know to go on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from budgets import history
from cms.models import Service, Step
from marketplace.management.demonstration import answers, crew
from marketplace.management.demonstration.homes import Home, data
from marketplace.management.demonstration.stage import Stage, moment, next_working_day
from marketplace.management.demonstration.wants import Want
from marketplace.notices import working_days
from marketplace.referrals import acts
from marketplace.referrals.models import Referral, YesHow, YesThrough

LATE_PERCENT = 18
"""Of a hundred answers, so many come after the day they were promised for."""

SILENT_PERCENT, SILENT_DAYS = 5, 30
"""And so many only after weeks, so that somebody is waiting on every rung."""


@dataclass
class Request:
    """A want that somebody asks for: on behalf of whom, and how far it came."""

    stage: Stage
    home: Home
    want: Want
    by: history.Actor
    referral: Referral | None = None
    refused: acts.Act | None = None

    @property
    def made(self) -> Referral:
        """Return the referral, once it has been made."""
        assert self.referral is not None  # the sitting comes before everything else
        return self.referral

    @property
    def owner(self) -> str:
        """Return the key of the service's owner."""
        return str(self.stage.data[self.want.slug]["owner"])

    @property
    def is_own(self) -> bool:
        """Tell whether the family asks for it without a worker."""
        return self.by.organisation is None

    def chance(self, percent: int) -> bool:
        """Tell whether something that happens so often happens now."""
        return self.home.dice.randrange(100) < percent

    def soon(self, at: datetime, *, most: int = 4) -> datetime:
        """Return a moment in office hours, one to so many working days later."""
        day = working_days.after(timezone.localdate(at), self.home.dice.randint(1, most))
        return self.hour(day)

    def answered(self, at: datetime) -> datetime:
        """Return when the service answers: mostly within what it promises."""
        promised = self.want.service.answer_days
        days = self.home.dice.randint(1, max(promised, 1))
        if self.chance(LATE_PERCENT):
            days = promised + self.home.dice.randint(1, 9)
        elif self.chance(SILENT_PERCENT):
            days = promised + SILENT_DAYS
        return self.hour(working_days.after(timezone.localdate(at), days))

    def hour(self, day: date) -> datetime:
        """Return a moment in the office hours of a day, or of the next working day."""
        dice = self.home.dice
        return moment(next_working_day(day), dice.randint(9, 16), dice.randrange(0, 60, 5))

    def spokesperson(self) -> history.Actor:
        """Return who speaks for the family: itself, its advocate, or who asked."""
        if self.is_own or self.home.advocate is None:
            return self.by
        return self.stage.by(self.home.advocate)

    def yes(self, at: datetime) -> dict[str, Any]:
        """Return whose yes it is, who records it, when, and how it was said."""
        person = self.home.decider(self.want.person, timezone.localdate(at))
        if self.is_own and person == self.home.adults[0]:
            return {"person": person, "by": self.by, "how": YesHow.SIGNED_IN, "at": at}
        advocate = self.stage.by(self.home.advocate or self.home.lead)
        through = YesThrough.PHONE if at.day % 2 else YesThrough.FACE_TO_FACE
        told = {"how": YesHow.TOLD_ADVOCATE, "through": through}
        return {"person": person, "by": advocate, "at": at, **told}

    def says(self, at: datetime) -> dict[str, Any]:
        """Return what the family says when it is asked: the facts and the answers."""
        day = timezone.localdate(at)
        words = self.made.goal.words if self.made.goal else data()["no_goal_words"]
        questions = list(self.want.service.questions.all())
        facts = answers.facts(self.home, self.want.person, day)
        said = answers.answers(self.home, self.want.person, questions, words=words, day=day)
        return {**facts, **said}

    def intake(self) -> history.Actor:
        """Return an intake worker of the owner, who has every step."""
        return crew.intake(self.stage, self.owner, self.home.dice)

    def provider(self) -> history.Actor:
        """Return a worker of the provider."""
        return crew.provider(self.stage, self.want.slug, self.home.dice)

    def alternatives(self) -> list[Service]:
        """Return up to two other services for the same need whose checks hold."""
        rows, slug = self.stage.data, self.want.slug
        need = next((term for term in rows[slug]["terms"] if term.startswith("need:")), "")
        others = [
            other
            for other, row in rows.items()
            if other != slug and need in row["terms"] and (row["check_valid_until_days"] or 0) >= 0
        ]
        chosen = self.home.dice.sample(others, min(2, len(others)))
        return [self.stage.services[other] for other in chosen]

    def taker(self, step: Step) -> history.Actor:
        """Return who takes a step after the sitting."""
        return crew.taker(self.stage, self.want.slug, step, self.home.dice)

    def later(self, at: datetime, *, low: int, high: int) -> datetime:
        """Return a moment in office hours, some days later."""
        days = timedelta(days=self.home.dice.randint(low, high))
        return self.hour(timezone.localdate(at) + days)
