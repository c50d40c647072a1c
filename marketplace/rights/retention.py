"""Every night: what is past its time is blanked or deleted, in batches; holds and concerns wait."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from budgets import history
from budgets.models import Member, Person
from marketplace.rights import blanks, erasure, holds, months, record
from marketplace.rights.models import RetentionAct, RetentionRule, RetentionRun
from marketplace.sharing.models import Safeguard
from marketplace.sharing.paths import paths

BATCH = 500

Model = type[models.Model]


def nightly(*, at: datetime) -> int:
    """Apply every rule to what is past its time on this day, and return how many rows that were.

    What each rule did, and what was kept back for a legal hold or an open concern, is written down.
    """
    return sum(apply(rule=rule, at=at) for rule in RetentionRule.objects.all())


def apply(*, rule: RetentionRule, at: datetime) -> int:
    """Apply one rule, batch by batch, each in its own transaction."""
    model = apps.get_model(rule.label)
    if model is Person:
        return _forget_people(rule, at=at)
    past = _past(rule, model, at=at)
    waits = past.filter(kept_back(model)).count()
    done = sum(_batches(rule, model, past.exclude(kept_back(model))))
    if done or waits:
        RetentionRun.objects.create(rule=rule, at=at, done=done, kept_back=waits)
    return done


def _forget_people(rule: RetentionRule, *, at: datetime) -> int:
    """Erase whoever left her last household so long ago, unless something has to be kept."""
    by = history.Actor(kind=history.ActorKind.CLOCK, reference="retention")
    last = cutoff(rule, on=timezone.localdate(at))
    here = Member.objects.filter(Q(left_on__isnull=True) | Q(left_on__gt=last))
    gone = Person.objects.filter(members__isnull=False).exclude(pk__in=here.values("person"))
    people = gone.exclude(first_name=blanks.SOMEBODY).distinct().order_by("pk")
    done = kept_back = 0
    for person in people.iterator(chunk_size=BATCH):
        if here.filter(person__in=Person.objects.every_record_of([person.pk])).exists():
            continue  # under another of her records she is here
        with transaction.atomic():
            found = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
            if erasure.why_not(person=found, at=at):
                kept_back += 1
                continue
            erasure.blank(person=found, by=by, at=at)
            done += 1
    if done or kept_back:
        RetentionRun.objects.create(rule=rule, at=at, done=done, kept_back=kept_back)
    return done


def cutoff(rule: RetentionRule, *, on: date) -> date:
    """Return the day on or before which a clock must have started to be past its time."""
    return months.after(on, -rule.months)


def _past(rule: RetentionRule, model: Model, *, at: datetime) -> QuerySet[Any]:
    last = cutoff(rule, on=timezone.localdate(at))
    rows = model._base_manager.filter(**{f"{rule.clock}__lt": _end_of(model, rule.clock, last)})
    if rule.act == RetentionAct.DELETE:
        return rows
    only_written = rule.act == RetentionAct.ERASE_TEXT
    return rows.filter(blanks.not_blank(model, only_written=only_written))


def _end_of(model: Model, clock: str, last: date) -> date | datetime:
    """Return the moment by which the clock must have started: the end of that local day."""
    following = last + timedelta(days=1)
    here: Any = model
    for name in clock.split("__"):
        field = here._meta.get_field(name)
        here = field.related_model if field.is_relation else here
    if isinstance(field, models.DateTimeField):
        return timezone.make_aware(datetime.combine(following, datetime.min.time()))
    return following


def kept_back(model: Model) -> Q:
    """Return the condition under which a hold or an open concern keeps a row."""
    held, families = holds.held_persons(), holds.held_families()
    worried = Person.objects.every_record_of(Safeguard.objects.open().values("person")).values("pk")
    found = Q(pk__in=[])
    for lookup in _persons(model):
        keys = model._base_manager.filter(
            Q(**{f"{lookup}__in": held}) | Q(**{f"{lookup}__in": worried})
        )
        found |= Q(pk__in=keys.order_by().values("pk"))
    if hasattr(model, "FAMILY_PATH"):
        path = paths(model)
        homes = Member.objects.filter(person__in=held).values("family")
        at_risk = Member.objects.filter(person__in=worried, left_on=None).values("family")
        unnamed = Q(**{f"{path.person}__isnull": True}) if path.person else Q()
        for there in (families, homes, at_risk):
            keys = model._base_manager.filter(unnamed & Q(**{f"{path.family}__in": there}))
            found |= Q(pk__in=keys.order_by().values("pk"))
    return found


def _persons(model: Model) -> Iterator[str]:
    named = paths(model).person if hasattr(model, "FAMILY_PATH") else None
    lookup = named or record.way_of(model)
    if lookup:
        yield lookup


def _batches(rule: RetentionRule, model: Model, rows: QuerySet[Any]) -> Iterator[int]:
    act = _act(rule, model)
    last = 0
    while True:
        with transaction.atomic():
            batch = rows.filter(pk__gt=last).order_by("pk").only("pk")
            if connection.features.has_select_for_update_skip_locked:
                batch = batch.select_for_update(skip_locked=True, of=("self",))
            keys = [row.pk for row in batch[:BATCH]]
            if not keys:
                return
            act(model._base_manager.filter(pk__in=keys))
        last = keys[-1]
        yield len(keys)


def _act(rule: RetentionRule, model: Model) -> Callable[[QuerySet[Any]], object]:
    if rule.act == RetentionAct.DELETE:
        return lambda rows: rows.delete()
    values = blanks.values(model, only_written=rule.act == RetentionAct.ERASE_TEXT)
    return lambda rows: rows.update(**values)
