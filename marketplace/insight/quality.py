"""How good the entries of a catalogue are: how fresh, what is missing, what somebody waits for.

Counts and no score: each says what to do about it. As many queries however many entries.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise as Words
from django.utils.translation import gettext_lazy as _

from cms import freshness, reminders
from cms.freshness import Stage
from cms.models import (
    Band,
    ContactCheck,
    Criterion,
    Problem,
    Process,
    Schedule,
    Service,
    ServiceKind,
)
from marketplace.bookings.models import Slot
from marketplace.referrals.models import Promise, PromiseKind
from pricing.models import Confidence, Price

LOOKED_BACK = timedelta(days=365)
"""Answers promised longer ago say little about today."""

TURNS_UP = (ServiceKind.GROUP, ServiceKind.UNIVERSAL)


@dataclass(frozen=True)
class Lack:
    """Something that an entry ought to say: its name, its words, and where it is put right."""

    name: str
    words: Words
    field: str
    """The field of the provider's own form; empty where the owner's commissioner sets it."""


LACKS = (
    Lack("summary", _("what it is, in one line"), "summary"),
    Lack("description", _("what it does"), "description"),
    Lack("what_happens_next", _("what happens when somebody asks"), "what_happens_next"),
    Lack("contact", _("a phone number, e-mail or website"), "phone"),
    Lack("terms", _("what it helps with"), "terms"),
    Lack("where", _("where it is, or which districts it serves"), "districts"),
    Lack("when", _("when it is on"), "schedules"),
    Lack("wait", _("how long people wait"), "wait_days"),
    Lack("who", _("who can have it"), ""),
    Lack("price", _("what it costs"), ""),
    Lack("check", _("a check of who people meet that has not run out"), "check_valid_until"),
)


@dataclass(frozen=True)
class Entry:
    """One entry: how fresh it is, what it lacks, and what somebody waits for."""

    service: Service
    state: freshness.State
    lacks: tuple[Lack, ...]
    problems: int
    is_placeholder: bool
    has_free_times: bool
    takes_bookings: bool
    answers: int
    answers_late: int

    @property
    def is_without_times(self) -> bool:
        """Say whether it can be booked but offers no time."""
        return self.takes_bookings and not self.has_free_times


@dataclass(frozen=True)
class Counts:
    """How many entries there are, at each stage, and of each thing that somebody could do."""

    total: int
    stages: Mapping[Stage, int]
    incomplete: int
    with_problems: int
    placeholder: int
    answered_late: int
    without_times: int


SHOWN: dict[str, Q] = {
    **{str(stage): Q(stage=stage) for stage in Stage},
    "late": ~Q(stage=Stage.FRESH),
    "incomplete": Q(is_incomplete=True),
    "problems": Q(has_problems=True),
    "placeholder": Q(is_placeholder=True),
    "answers": Q(has_answered_late=True),
    "times": Q(takes_bookings=True, has_free_times=False),
}
"""By what a list of entries can be narrowed."""


def marked(services: QuerySet[Service], *, at: datetime) -> QuerySet[Any]:
    """Add to each entry its stage, what it lacks and what waits, each a yes or no."""
    on = timezone.localdate(at)
    here = OuterRef("pk")
    prices = Price.objects.on(on).filter(service=here)
    answers = _answers(at).filter(referral__service=here)
    rows: QuerySet[Any] = reminders.staged(services, on=on).annotate(
        **{f"lacks_{name}": lack for name, lack in _lacks(on).items()},
        has_problems=Exists(Problem.objects.open().filter(service=here)),
        is_placeholder=Exists(prices.filter(confidence=Confidence.PLACEHOLDER)),
        has_answered_late=Exists(answers.filter(_is_late(on))),
        takes_bookings=Exists(Process.objects.filter(service=here, step="book")),
        has_free_times=Exists(Slot.objects.free(at).filter(service=here)),
    )
    anything = Q()
    for lack in LACKS:
        anything |= Q(**{f"lacks_{lack.name}": True})
    rows = rows.annotate(is_incomplete=_as_yes_or_no(anything))
    return rows


def count(rows: QuerySet[Any]) -> Counts:
    """Count marked entries, in one query."""
    found = rows.aggregate(
        total=Count("pk"), **{f"shown_{name}": Count("pk", filter=q) for name, q in SHOWN.items()}
    )
    return Counts(
        total=found["total"],
        stages={stage: found[f"shown_{stage}"] for stage in Stage},
        incomplete=found["shown_incomplete"],
        with_problems=found["shown_problems"],
        placeholder=found["shown_placeholder"],
        answered_late=found["shown_answers"],
        without_times=found["shown_times"],
    )


def with_numbers(rows: QuerySet[Any], *, at: datetime) -> QuerySet[Any]:
    """Add to marked entries how many problems are open and answers were late."""
    on, here = timezone.localdate(at), OuterRef("pk")
    answers = _answers(at).filter(referral__service=here)
    found: QuerySet[Any] = rows.select_related("owner", "provider").annotate(
        problems_open=_number(Problem.objects.open().filter(service=here), "service"),
        answers_due=_number(answers, "referral__service"),
        answers_late=_number(answers.filter(_is_late(on)), "referral__service"),
    )
    return found


def entries(rows: Any, *, at: datetime) -> Iterator[Entry]:
    """Yield marked entries with their numbers, as a page shows them."""
    on = timezone.localdate(at)
    for row in rows:
        yield Entry(
            service=row,
            state=freshness.state(row, on),
            lacks=tuple(lack for lack in LACKS if getattr(row, f"lacks_{lack.name}")),
            problems=row.problems_open,
            is_placeholder=row.is_placeholder,
            has_free_times=row.has_free_times,
            takes_bookings=row.takes_bookings,
            answers=row.answers_due,
            answers_late=row.answers_late,
        )


def _lacks(on: Any) -> dict[str, Any]:
    here = OuterRef("pk")
    no_contact = Q(phone="", email="", website="") & Q(
        provider__phone="", provider__email="", provider__website=""
    )
    met = ~Q(contact_check=ContactCheck.NONE) & (
        Q(check_valid_until__isnull=True) | Q(check_valid_until__lt=on)
    )
    nobody_said = Q(minimum_age__isnull=True, maximum_age__isnull=True)
    return {
        "summary": _as_yes_or_no(Q(summary="")),
        "description": _as_yes_or_no(Q(description="")),
        "what_happens_next": _as_yes_or_no(Q(what_happens_next="")),
        "contact": _as_yes_or_no(no_contact),
        "terms": ~Exists(Service.terms.through.objects.filter(service=here)),
        "where": _as_yes_or_no(
            Q(districts=[]) & ~Q(Exists(Service.places.through.objects.filter(service=here)))
        ),
        "when": _as_yes_or_no(
            Q(kind__in=TURNS_UP) & ~Q(Exists(Schedule.objects.filter(service=here)))
        ),
        "wait": _as_yes_or_no(Q(wait_days__isnull=True) & ~Q(kind=ServiceKind.UNIVERSAL)),
        "who": _as_yes_or_no(
            nobody_said
            & ~Q(kind=ServiceKind.UNIVERSAL)
            & ~Q(Exists(Criterion.objects.filter(service=here)))
            & ~Q(Exists(Band.objects.filter(service=here)))
        ),
        "price": ~Exists(Price.objects.on(on).filter(service=here)),
        "check": _as_yes_or_no(met),
    }


def _answers(at: datetime) -> QuerySet[Promise]:
    """Return the answers that were promised of late, but for what ended before it was due."""
    return Promise.objects.filter(
        kind=PromiseKind.ANSWER, due_on__gte=timezone.localdate(at) - LOOKED_BACK
    )


def _is_late(on: Any) -> Q:
    kept_late = Q(kept_at__isnull=False, kept_at__date__gt=F("due_on"))
    return kept_late | Q(kept_at__isnull=True, ended_at__isnull=True, due_on__lt=on)


def _number(rows: QuerySet[Any], by: str) -> Coalesce:
    """Return how many rows there are of the entry at hand."""
    counted = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), Value(0))


def _as_yes_or_no(condition: Q) -> Any:
    return Case(When(condition, then=True), default=False, output_field=BooleanField())
