"""What a service's criteria were on a day: kept at every change, read by the day."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from cms.models import Band, CriteriaVersion, Criterion, Service


def keep(
    *, service: Service, at: datetime | None = None, reason: str = "", set_by: str = ""
) -> CriteriaVersion:
    """Keep what a service's criteria are now as a version, where they changed since the last.

    The first version has no beginning. Returns the version that is in force.
    """
    now = content(service)
    last = CriteriaVersion.objects.filter(service=service).order_by("-number").first()
    if last is None:
        return CriteriaVersion.objects.create(service=service, number=1, content=now)
    if last.content == now and not reason:
        return last
    return CriteriaVersion.objects.create(
        service=service,
        number=last.number + 1,
        from_at=at,
        reason=reason,
        set_by=set_by,
        content=now,
    )


def on(*, service: Service, day: date) -> CriteriaVersion:
    """Return what was in force at the end of a local day; not saved where none was kept yet."""
    following = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    found = CriteriaVersion.objects.filter(service=service).before(following).first()
    return found or CriteriaVersion(service=service, number=1, content=content(service))


def content(service: Service) -> dict[str, Any]:
    """Return a service's criteria as plain values, as a version keeps them."""
    told = ("fact", "operator", "value", "sentence")
    return {
        "criteria": list(Criterion.objects.filter(service=service).values(*told)),
        "bands": list(Band.objects.filter(service=service).values(*told, "units")),
        "standard_quantity": service.standard_quantity,
        "minimum_age": service.minimum_age,
        "maximum_age": service.maximum_age,
    }
