"""Asking those who keep an entry to check it: what is due, and that it was asked, once a stage."""

import datetime
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from cms import freshness
from cms.models import Organisation, Reminder, Service


def staged(services: QuerySet[Service], *, on: datetime.date) -> QuerySet[Any]:
    """Add `counted_from` and `stage` to each: how fresh it is on a day."""
    reached = [
        When(counted_from__lte=freshness.last_check(months=months, on=on), then=Value(stage.value))
        for stage, months in reversed(freshness.MONTHS.items())
    ]
    fresh = Value(freshness.Stage.FRESH.value)
    return services.annotate(counted_from=Coalesce("checked_on", "added_on")).annotate(
        stage=Case(*reached, default=fresh, output_field=CharField())
    )


def late(*, on: datetime.date) -> QuerySet[Any]:
    """Return what is live and waits to be checked, the oldest first, each with its stage."""
    return (
        staged(Service.objects.standing(on).filter(live=True), on=on)
        .exclude(stage=freshness.Stage.FRESH)
        .select_related("owner", "provider")
        .order_by("counted_from", "name", "pk")
    )


def due(*, on: datetime.date) -> QuerySet[Any]:
    """Return what reached a stage and nobody was told that it did.

    Of the stages that passed unseen only the last is told.
    """
    told = Reminder.objects.filter(
        service=OuterRef("pk"), counted_from=OuterRef("counted_from"), stage=OuterRef("stage")
    )
    return late(on=on).filter(~Exists(told))


def write(
    *,
    services: Iterable[Any],
    at: datetime.datetime,
    to: Organisation | None = None,
    email: str = "",
) -> list[Reminder]:
    """Remember that an organisation's people were told, or that an address gets a letter.

    `services` are what `due` returned. Raises IntegrityError where somebody else told of one
    meanwhile.
    """
    return Reminder.objects.bulk_create(
        Reminder(
            service=service,
            stage=service.stage,
            counted_from=service.counted_from,
            organisation=to,
            email=email,
            written_at=at,
            sent_at=None if email else at,
        )
        for service in services
    )


def told(*, organisation: uuid.UUID, at: datetime.datetime) -> QuerySet[Any]:
    """Return what an organisation's people were told of at a moment and is still late then."""
    return late(on=timezone.localdate(at)).filter(
        reminders__organisation__reference=organisation, reminders__written_at=at
    )
