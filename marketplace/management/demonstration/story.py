"""Fred's household as it stands today: something for everybody at every front door.

Left for whoever walks through the demonstration: Jamie's mentor and the family support at home,
for which nobody has asked yet.
"""

from datetime import date, datetime, timedelta
from typing import Any

from budgets import history
from budgets.models import Family, Goal, Plan
from cms.models import Step
from marketplace.bookings import bookings, sessions
from marketplace.bookings.models import Booking, SessionState
from marketplace.management.demonstration import crew, steps, times
from marketplace.management.demonstration.household import FILE
from marketplace.management.demonstration.stage import Stage, moment, read
from marketplace.notices import working_days
from marketplace.people.roles import Role
from marketplace.referrals import (
    acts,
    approvals,
    commissions,
    endings,
    promises,
    referrals,
    takes,
)
from marketplace.referrals.models import EndReason, PromiseKind, Referral, YesHow, YesThrough

FULL = "We are full until the spring. Somebody to talk to could help until then."
WEEK = timedelta(days=7)
MET_BY = "Amira comes along the first time."


class Told:
    """The household's story, told through the verbs."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.family = Family.objects.get(is_synthetic=False)
        self.plan = Plan.objects.get(family=self.family)
        self.goals = {goal.words: goal for goal in Goal.objects.filter(plan=self.plan)}
        self.data = read(FILE)

    def ago(self, working_days: int, hour: int, minute: int = 0) -> datetime:
        """Return a moment on the working day so many working days ago."""
        return moment(self.stage.working_days_ago(working_days), hour, minute)

    def goal(self, key: str) -> Goal:
        """Return a goal by its key in the household's file."""
        row = next(row for row in self.data["plan"]["goals"] if row["key"] == key)
        return self.goals[row["words"]]

    def says(self, person: str) -> dict[str, Any]:
        """Return what somebody answers: the household's answers, and her own instead."""
        found = {
            **self.data["household_facts"],
            **self.data["facts"].get(person, {}),
            **self.data["household_answers"],
            **self.data["answers"].get(person, {}),
        }
        if days := found.pop("baby_due_in_days", None):
            found["baby_due"] = (self.stage.on + timedelta(days=days)).isoformat()
        return found

    def ask(
        self, person: str, slug: str, *, at: datetime, until: Step | None = None, **why: Any
    ) -> Referral:
        """Let Amira ask for something, and take it as far as her rules let her, or to a step."""
        by = self.stage.by("amira")
        referral = referrals.refer(
            person=self.stage.persons[person],
            family=self.family,
            service=self.stage.services[slug],
            plan=self.plan,
            need=self.need(slug),
            is_weighed=True,
            by=by,
            at=at,
            **why,
        )
        while (step := steps.next_step(referral)) is not None and step != until:
            at += timedelta(minutes=5)
            if step == Step.COMMISSION:
                referral = self.yes(referral, person, at=at)
            try:
                referral = steps.take(referral, step, answers=self.says(person), by=by, at=at)
            except acts.NotAllowed:
                break
        return referral

    def need(self, slug: str) -> Any:
        """Return the first need that a service is for."""
        keys = self.stage.data[slug]["terms"]
        return self.stage.terms[next(key for key in keys if key.startswith("need:"))]

    def yes(self, referral: Referral, person: str, *, at: datetime) -> Referral:
        """Let who decides say yes, through Amira."""
        decides = person if person in ("fred", "anne", "stacey") else "fred"
        return referrals.say_yes(
            referral=referral,
            person=self.stage.persons[decides],
            how=YesHow.TOLD_ADVOCATE,
            through=YesThrough.FACE_TO_FACE,
            by=self.stage.by("amira"),
            at=at,
        )

    def hand_over(self, referral: Referral, *, at: datetime) -> Referral:
        """End Amira's sitting."""
        return referrals.hand_over(referral=referral, by=self.stage.by("amira"), at=at)

    def book(
        self, referral: Referral, *, first: date, asked: datetime, accepted: datetime
    ) -> Booking:
        """Ask the provider for the first weekly times from a day on, and let it accept."""
        slug = referral.service.slug
        count = referral.quantity or referral.service.standard_quantity
        slot = next(
            found
            for pattern in times.patterns(self.stage, slug)
            if (found := times.free(self.stage, slug, pattern, first=first, count=count))
            and times.has_room(found, count=count)
        )
        booking = bookings.ask(referral=referral, first=slot, by=self.stage.by("amira"), at=asked)
        return bookings.accept(booking=booking, by=self.provider(slug), at=accepted)

    def provider(self, slug: str) -> history.Actor:
        """Return who answers for the provider."""
        return crew.provider(self.stage, slug, self.stage.dice(f"story {slug}"))

    def deliver(self, booking: Booking, *, before: datetime) -> None:
        """Record as delivered what has been by a moment."""
        slug = Referral.objects.with_names().get(pk=booking.referral_id).service.slug
        for session in booking.sessions.planned().filter(ends_at__lt=before).order_by("number"):
            at = session.ends_at + timedelta(minutes=20)
            by = self.provider(slug)
            sessions.record(session=session, state=SessionState.DELIVERED, by=by, at=at)


def tell(stage: Stage) -> None:
    """Tell the story of the last weeks."""
    told = Told(stage)
    _declined(told)
    _late(told)
    _josh_goes_out(told)
    _anne_sorts_the_post(told)
    _midwife(told)
    _staceys_own(told)
    _for_fred(told)
    _for_colin(told)
    _for_ingrid(told)
    _word(told)


def _declined(told: Told) -> None:
    """Fred asked for help with anger; the course was full, and they named what could help."""
    referral = told.ask(
        "fred", "anger-management", at=told.ago(24, 10), goal=told.goal("stop-shouting")
    )
    referral = told.hand_over(referral, at=told.ago(24, 11))
    endings.decline(
        referral=referral,
        reason=EndReason.NO_PLACE,
        words=FULL,
        alternatives=[told.stage.services[slug] for slug in ("adult-counselling", "mentor-mick")],
        by=told.stage.by("nia"),
        at=told.ago(20, 14),
    )


def _late(told: Told) -> None:
    """Fred may have somebody to talk to, but nobody has worked out how much: it is late."""
    at = told.ago(14, 11)
    referral = told.ask("fred", "adult-counselling", at=at, goal=told.goal("be-a-dad"))
    told.hand_over(referral, at=told.ago(14, 12))


def _josh_goes_out(told: Told) -> None:
    """Josh goes to the holiday club, and was there for the first time last week."""
    referral = told.ask("josh", "holiday-activities", at=told.ago(12, 10))
    first = told.stage.day(7)
    booking = told.book(referral, first=first, asked=told.ago(12, 11), accepted=told.ago(10, 9))
    told.hand_over(referral, at=told.ago(12, 12))
    told.deliver(booking, before=told.stage.now)


def _anne_sorts_the_post(told: Told) -> None:
    """Anne has her first appointment about money before her."""
    barrier = told.stage.terms["barrier:fear-of-being-judged"]
    referral = told.ask("anne", "debt-advice", at=told.ago(7, 13), barrier=barrier, met_by=MET_BY)
    first = told.stage.on + timedelta(days=1)
    told.book(referral, first=first, asked=told.ago(7, 14), accepted=told.ago(5, 10))
    told.hand_over(referral, at=told.ago(7, 15))


def _midwife(told: Told) -> None:
    """Stacey has a midwife, whom she has met once."""
    nia = told.stage.by("nia")
    referral = told.ask(
        "stacey", "midwife-support", at=told.ago(17, 14), goal=told.goal("good-mum")
    )
    referral = told.hand_over(referral, at=told.ago(17, 15))
    referral = referrals.decide_eligibility(referral=referral, by=nia, at=told.ago(15, 10))
    referral = told.yes(referral, "stacey", at=told.ago(14, 14))
    referral = commissions.commission(referral=referral, by=nia, at=told.ago(14, 16))
    first = told.stage.day(7)
    booking = told.book(referral, first=first, asked=told.ago(13, 10), accepted=told.ago(12, 11))
    told.deliver(booking, before=told.stage.now)


def _staceys_own(told: Told) -> None:
    """Stacey meets Priya, and nobody else at home knows."""
    goal = told.goal("stop-for-baby")
    referral = told.ask(
        "stacey", "mentor-priya", at=told.ago(10, 15), goal=goal, is_confidential=True
    )
    first = told.stage.on + timedelta(days=2)
    told.book(referral, first=first, asked=told.ago(10, 16), accepted=told.ago(8, 12))
    told.hand_over(referral, at=told.ago(10, 17))


def _for_fred(told: Told) -> None:
    """Fred has to say whether somebody should help with the neighbours."""
    referral = told.ask("fred", "neighbour-mediation", at=told.ago(4, 10), until=Step.COMMISSION)
    told.hand_over(referral, at=told.ago(4, 11))


def _for_colin(told: Told) -> None:
    """Grace for Josh costs more than Amira may agree to: it waits for Colin."""
    referral = told.ask(
        "josh", "role-model-grace", at=told.ago(3, 10), goal=told.goal("who-is-home")
    )
    at = told.ago(3, 11)
    approvals.ask(referral=referral, by=told.stage.by("amira"), at=at)
    told.hand_over(referral, at=at + timedelta(minutes=5))


def _for_ingrid(told: Told) -> None:
    """Jamie's application about school waits in Ingrid's inbox."""
    at, goal = told.ago(2, 13), told.goal("school-days")
    referral = told.ask(
        "jamie",
        "school-attendance-support",
        at=at,
        goal=goal,
        instead_of="Weekly calls from school",
    )
    told.hand_over(referral, at=told.ago(2, 14))
    takes.take(
        referral=referral,
        organisation=referral.service.owner,
        role=Role.INTAKE_WORKER,
        by=told.stage.by("ingrid"),
        at=told.ago(1, 10),
    )


def _word(told: Told) -> None:
    """Amira has promised Fred to ring, and both see by when."""
    amira = told.stage.workers["amira"]
    promises.give(
        family=told.family,
        person=told.stage.persons["fred"],
        kind=PromiseKind.CALL_BACK,
        organisation=told.stage.organisations[amira.organisation],
        worker=amira.user,
        words="About the school",
        due_on=working_days.after(told.stage.on, 2),
        by=amira.by,
        at=told.ago(1, 15),
    )
