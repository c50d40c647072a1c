"""What of the catalogue is open to everybody, whether it stands or has ended, and since when.

What is public on the site is public here, and nothing else: what is offered. Of what was offered
once and is no more, only that it ended is told, so that whoever keeps a copy can end it too.
"""

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from cms import freshness
from cms.models import Organisation, Place, Service, Term
from pricing.models import Price

ACTIVE, INACTIVE, DEFUNCT, CLOSED = "active", "inactive", "defunct", "temporarily closed"
ONE_DAY = datetime.timedelta(days=1)


def offered(*, on: datetime.date) -> QuerySet[Service]:
    """Return what anybody may find on the site on a day."""
    return Service.objects.offered(on)


def ever(*, on: datetime.date) -> QuerySet[Any]:
    """Return services that are or were offered, and say which are (`is_offered`).

    What was never published is not among them.
    """
    known = Q(live=True) | Q(first_published_at__isnull=False)
    return Service.objects.filter(known).annotate(
        is_offered=Exists(offered(on=on).filter(pk=OuterRef("pk")))
    )


def status(service: Any, *, on: datetime.date) -> str:
    """Return where an entry that came through `ever` stands, in the standard's words."""
    withdrawn_on = service.withdrawn_on
    if service.merged_into_id is not None or (withdrawn_on is not None and withdrawn_on <= on):
        return DEFUNCT
    if not service.live:
        return INACTIVE
    return ACTIVE if service.is_offered else CLOSED


def organisations(*, on: datetime.date) -> QuerySet[Organisation]:
    """Return who runs or owns something that is offered."""
    here = offered(on=on)
    return Organisation.objects.filter(
        Exists(here.filter(provider=OuterRef("pk"))) | Exists(here.filter(owner=OuterRef("pk")))
    )


def whole(services: QuerySet[Service]) -> QuerySet[Service]:
    """Fetch all that is told of services, in a constant number of statements."""
    return dated(services).prefetch_related(
        "schedules__place", "processes", "criteria", "bands", "places__organisation"
    )


def dated(services: QuerySet[Service]) -> QuerySet[Service]:
    """Fetch what is told of services in a list, and what says when they last changed."""
    return services.select_related("provider", "owner", "merged_into", "mentor").prefetch_related(
        Prefetch("terms", Term.objects.select_related("parent").order_by("pk")),
        Prefetch("places", Place.objects.order_by("pk")),
        Prefetch("prices", Price.objects.order_by("unit", "valid_from", "pk")),
    )


def changed_at(service: Service, *, at: datetime.datetime) -> datetime.datetime:
    """Return when an entry, or anything told of it, last changed; of one that `dated` fetched."""
    return max(moment for moment in moments(service, at=at) if moment is not None)


def moments(service: Service, *, at: datetime.datetime) -> Iterator[datetime.datetime | None]:
    """Yield what changed an entry: somebody's hand, or a day that came."""
    yield service.changed_at
    yield service.provider.changed_at
    yield service.owner.changed_at
    yield from (place.changed_at for place in service.places.all())
    yield from (term.changed_at for term in service.terms.all())
    days = [service.withdrawn_on, marked_on(service)]
    if service.check_valid_until is not None:
        days.append(service.check_valid_until + ONE_DAY)
    for price in service.prices.all():
        yield price.set_at
        yield price.ended_at
        days += [price.valid_from, price.valid_to]
    on = timezone.localdate(at)
    yield from (midnight(day) for day in days if day is not None and day <= on)


def marked_on(service: Service) -> datetime.date:
    """Return the day from which an entry is marked as old, unless somebody checks it."""
    counted_from = service.checked_on or service.added_on
    return freshness.months_after(counted_from, freshness.MARK_MONTHS)


def changed_since(
    services: QuerySet[Service], *, since: datetime.datetime, at: datetime.datetime
) -> QuerySet[Service]:
    """Narrow to what changed at a moment or after it: exactly where `changed_at` says so."""
    on, first = timezone.localdate(at), timezone.localdate(since)
    first += datetime.timedelta(days=midnight(first) < since)
    came = (first, on)  # the days whose midnights lie between
    prices = Price.objects.filter(
        Q(set_at__gte=since)
        | Q(ended_at__gte=since)
        | Q(valid_from__range=came)
        | Q(valid_to__range=came),
        service=OuterRef("pk"),
    )
    return services.alias(counted_from=Coalesce(F("checked_on"), F("added_on"))).filter(
        Q(changed_at__gte=since)
        | Q(provider__changed_at__gte=since)
        | Q(owner__changed_at__gte=since)
        | Exists(Place.objects.filter(services=OuterRef("pk"), changed_at__gte=since))
        | Exists(Term.objects.filter(services=OuterRef("pk"), changed_at__gte=since))
        | Exists(prices)
        | Q(withdrawn_on__range=came)
        | Q(check_valid_until__range=(first - ONE_DAY, on - ONE_DAY))
        | Q(
            counted_from__lte=freshness.last_check(months=freshness.MARK_MONTHS, on=on),
            counted_from__gt=freshness.last_check(months=freshness.MARK_MONTHS, on=first - ONE_DAY),
        )
    )


def catalogue_changed_at(*, at: datetime.datetime) -> datetime.datetime:
    """Return a moment since which nothing of the whole feed has changed.

    Prices begin, checks run out and entries grow old at midnight, so it is never before the last.
    """
    latest = [midnight(timezone.localdate(at))]
    for model in (Service, Organisation, Place, Term):
        latest += newest(model, "changed_at")
    for name in ("set_at", "ended_at"):
        latest += newest(Price, name)
    return max(latest)


def newest(model: type[Model], name: str) -> list[datetime.datetime]:
    """Return the latest moment that a table holds, if it holds any."""
    rows = model._default_manager.filter(**{f"{name}__isnull": False})
    return [*rows.order_by(f"-{name}").values_list(name, flat=True)[:1]]


def midnight(day: datetime.date) -> datetime.datetime:
    """Return when a day begins here."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
