"""Whether the rules work: how often each is used, what is spent under it, how well it decides.

Others' decisions are sampled, and the owner's staff who took no part say whether the service
would have made them itself (report §5.4.3: accuracy of the decision-making).
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Event
from cms.models import Organisation, Step
from marketplace.authority.models import Agreement, DecisionReview, Rule, Use
from marketplace.authority.models.decision_review import DecisionReviewQuerySet
from marketplace.authority.models.rule import RuleQuerySet
from marketplace.people import memberships
from marketplace.people.roles import Role

JUDGES = frozenset({Role.INTAKE_WORKER, Role.COMMISSIONER})
DECISIONS = (
    Step.CHECK_ELIGIBILITY,
    Step.DECIDE_ELIGIBILITY,
    Step.ASSESS,
    Step.DIAGNOSE,
    Step.COMMISSION,
)
FEWEST_SHOWN = 5
"""Fewer judged decisions than this say nothing about a rule, and too much about somebody."""
EACH = 5
"""How many of a rule's decisions are sampled a month."""


class NotYours(history.Refused):
    """The owner's own staff judge, and never those who took a part."""


class NotNow(history.Refused):
    """It was judged already, or the month is not over."""


class NotSaid(history.Refused):
    """Whoever would have decided otherwise says why."""


@dataclass(frozen=True)
class RuleUse:
    """How often a rule was used in a year, in all its versions, and what is spent under it."""

    rule: Rule
    times: int
    spent_pence: int
    last_used_at: datetime | None


@dataclass(frozen=True)
class Accuracy:
    """Of the judged decisions under a rule, how many the service would have made itself.

    `agreed` is null where too few were judged to say.
    """

    rule: Rule
    agreed: int | None
    judged: int
    waiting: int

    @property
    def percent(self) -> int | None:
        """Return the share in whole per cent, rounded half up, or null with too few judged."""
        if self.agreed is None:
            return None
        return (200 * self.agreed + self.judged) // (2 * self.judged)


def use_of_rules(*, owner: Organisation, year: int) -> list[RuleUse]:
    """Return how each of an owner's rules was used in a financial year, the most used first.

    Spent is what was commissioned and not given back, in pence. Rules that nobody used are
    there too.
    """
    start, end = date(year, 4, 1), date(year + 1, 4, 1)
    found = _rules(owner).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=start), valid_from__lt=end
    )
    newest = {rule.lineage: rule for rule in found}
    lineages = {rule.reference: rule.lineage for rule in _rules(owner)}
    times: dict[uuid.UUID, int] = defaultdict(int)
    last: dict[uuid.UUID, datetime] = {}
    for step in _steps(rules=lineages, verbs=Step.values, start=start, end=end):
        lineage = lineages[step.rule]
        times[lineage] += 1
        last[lineage] = max(step.at, last.get(lineage, step.at))
    spent = dict(
        Use.objects.filter(lineage__in=newest, year=year, family__isnull=True).values_list(
            "lineage", "amount_pence"
        )
    )
    uses = [
        RuleUse(rule, times[lineage], spent.get(lineage, 0), last.get(lineage))
        for lineage, rule in newest.items()
    ]
    return sorted(uses, key=lambda use: (-use.times, -use.spent_pence, use.rule.pk))


@transaction.atomic
def sample(
    *, owner: Organisation, month: date, on: date, seed: str = "", each: int = EACH
) -> list[DecisionReview]:
    """Draw some of the decisions that others took for an owner in a month that is over.

    The same seed draws the same, however often it is asked. Returns the month's whole sample.
    Raises NotNow.
    """
    start = month.replace(day=1)
    end = (start + timedelta(days=32)).replace(day=1)
    if on < end:
        raise NotNow(_("This month is not over yet."))
    rules = {rule.reference: rule for rule in _others_rules(owner)}
    drawn: dict[uuid.UUID, list[_Step]] = defaultdict(list)
    for step in _steps(rules=rules, verbs=DECISIONS, start=start, end=end):
        drawn[rules[step.rule].lineage].append(step)
    DecisionReview.objects.bulk_create(
        (
            DecisionReview(
                rule=rules[step.rule],
                event=step.event,
                subject=step.subject,
                month=start,
                sampled_on=on,
            )
            for steps in drawn.values()
            for step in _draw(steps, seed=seed or f"{owner.reference}:{start}")[:each]
        ),
        ignore_conflicts=True,
    )
    return list(of(owner=owner).of_month(start))


def of(*, owner: Organisation) -> DecisionReviewQuerySet:
    """Return the sampled decisions about an owner's services, the oldest first."""
    return (
        DecisionReview.objects.filter(rule__agreement__owner=owner)
        .select_related("rule__agreement__holder", "rule__service", "rule__term")
        .order_by("month", "pk")
    )


def waiting(*, owner: Organisation, by: history.Actor) -> list[DecisionReview]:
    """Return the sampled decisions that somebody may judge: those in which she took no part."""
    found = of(owner=owner).waiting()
    hers = Event.objects.filter(actor_reference=by.reference).values("subject")
    return list(found.exclude(subject__in=hers))


@transaction.atomic
def judge(
    *,
    sampled: DecisionReview,
    would_have_made: bool,
    words: str,
    by: history.Actor,
    at: datetime,
) -> DecisionReview:
    """Say whether the service would have decided the same, and why where it would not.

    Raises NotYours, NotNow, NotSaid.
    """
    locked = DecisionReview.objects.select_for_update(no_key=True, of=("self",)).get(pk=sampled.pk)
    _must_be_an_outsider(locked, by=by, at=at)
    if not locked.is_waiting:
        raise NotNow(_("Somebody has judged this already."))
    if not would_have_made and not words.strip():
        raise NotSaid(_("Say what your service would have decided, and why."))
    locked.judged_by, locked.judged_at = by.reference, at
    locked.would_have_made, locked.words = would_have_made, words.strip()
    locked.save(update_fields=["judged_by", "judged_at", "would_have_made", "words"])
    history.record(
        by=by,
        at=at,
        verb="judged",
        subject_kind="decision_review",
        subject=locked.reference,
        rule=locked.rule.reference,
        reason="same" if would_have_made else "otherwise",
    )
    return locked


def accuracy(*, owner: Organisation) -> list[Accuracy]:
    """Return, for each rule that was sampled, how many decisions the service would have made."""
    newest = {rule.lineage: rule for rule in _others_rules(owner)}
    found: dict[uuid.UUID, list[bool | None]] = defaultdict(list)
    for lineage, said in of(owner=owner).values_list("rule__lineage", "would_have_made"):
        found[lineage].append(said)
    return [_accuracy(rule, found[lineage]) for lineage, rule in newest.items() if lineage in found]


def sample_last_month(*, at: datetime) -> int:
    """Draw last month's sample for every owner that has none of it; returns how many rows."""
    day = timezone.localdate(at)
    month = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
    owners = Organisation.objects.filter(
        pk__in=Agreement.objects.signed()
        .filter(holder__isnull=False)
        .exclude(holder=F("owner"))
        .values("owner")
    ).exclude(pk__in=DecisionReview.objects.of_month(month).values("rule__agreement__owner"))
    return sum(len(sample(owner=owner, month=month, on=day)) for owner in owners.order_by("pk"))


@dataclass(frozen=True)
class _Step:
    """One step that was taken under a rule: its line of history, and what it was about."""

    event: uuid.UUID
    rule: uuid.UUID
    subject: uuid.UUID
    at: datetime


def _rules(owner: Organisation) -> RuleQuerySet:
    """Return every rule both have signed, of all times, the newest version last."""
    return (
        Rule.objects.filter(agreement__in=Agreement.objects.signed(), agreement__owner=owner)
        .select_related("agreement__holder", "service", "term", "cover")
        .order_by("valid_from", "pk")
    )


def _others_rules(owner: Organisation) -> RuleQuerySet:
    return _rules(owner).filter(agreement__holder__isnull=False).exclude(agreement__holder=owner)


def _steps(
    *, rules: Iterable[uuid.UUID], verbs: Iterable[str], start: date, end: date
) -> list[_Step]:
    """Return the steps taken under rules between two days, each once, in the order taken.

    A step that climbs two rungs at once has two lines of history, of the same moment.
    """
    lines = (
        Event.objects.filter(
            subject_kind="referral",
            rule__in=list(rules),
            verb__in=list(verbs),
            at__gte=_midnight(start),
            at__lt=_midnight(end),
        )
        .order_by("pk")
        .values_list("reference", "rule", "subject", "verb", "at")
    )
    once: dict[tuple[uuid.UUID, uuid.UUID, str, datetime], _Step] = {}
    for event, rule, subject, verb, at in lines:
        if rule is not None:
            step = _Step(event=event, rule=rule, subject=subject, at=at)
            once.setdefault((rule, subject, verb, at), step)
    return list(once.values())


def _draw(steps: Sequence[_Step], *, seed: str) -> list[_Step]:
    """Shuffle by the seed: what comes first depends on it and on the order of the steps alone."""

    def place(number: int) -> str:
        return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()

    return [steps[number] for number in sorted(range(len(steps)), key=place)]


def _must_be_an_outsider(sampled: DecisionReview, *, by: history.Actor, at: datetime) -> None:
    owner = sampled.rule.agreement.owner
    is_theirs = by.organisation == owner.reference
    if not is_theirs or not memberships.roles_at(by=by, at=at) & JUDGES:
        raise NotYours(_("Only the service's own staff can say what it would have decided."))
    if Event.objects.filter(subject=sampled.subject, actor_reference=by.reference).exists():
        raise NotYours(_("You took a part in this, so somebody else has to judge it."))


def _accuracy(rule: Rule, said: Sequence[bool | None]) -> Accuracy:
    judged = [each for each in said if each is not None]
    return Accuracy(
        rule=rule,
        agreed=sum(judged) if len(judged) >= FEWEST_SHOWN else None,
        judged=len(judged),
        waiting=len(said) - len(judged),
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
