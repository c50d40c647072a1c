"""Who can have a service, how much, and in how many interactions, once the entry stands."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from cms import catalogue, criteria_versions, listings
from cms.models import Band, CriteriaVersion, Criterion, CriterionOperator, Process, Service

AGE = "age"
OLDEST_SAID = 130


@transaction.atomic
def replace(
    *,
    service: Service,
    criteria: Iterable[Criterion],
    bands: Iterable[Band],
    standard_quantity: int,
    reason: str,
    set_by: str,
    at: datetime,
) -> CriteriaVersion:
    """Put new criteria and bands in the place of the old, from a moment on; the old stay readable.

    The caller has locked the service. Raises catalogue.IsWithdrawn, catalogue.Unfit.
    """
    catalogue.must_stand(service)
    criteria_versions.keep(service=service, at=at)
    wanted, given = [*criteria], [*bands]
    for position, row in enumerate([*wanted]):
        row.service, row.position = service, position
        catalogue.must_be_fit(row)
    for position, band in enumerate(given):
        band.service, band.position = service, position
        catalogue.must_be_fit(band)
    service.minimum_age, service.maximum_age = ages(wanted)
    service.standard_quantity = standard_quantity
    catalogue.must_be_fit(service)
    Criterion.objects.filter(service=service).delete()
    Band.objects.filter(service=service).delete()
    Criterion.objects.bulk_create(wanted)
    Band.objects.bulk_create(given)
    Service.objects.filter(pk=service.pk).update(
        minimum_age=service.minimum_age,
        maximum_age=service.maximum_age,
        standard_quantity=standard_quantity,
        changed_at=at,
    )
    fresh = Service.objects.select_related("provider").get(pk=service.pk)
    listings.write(fresh, {})
    return criteria_versions.keep(service=fresh, at=at, reason=reason, set_by=set_by)


@transaction.atomic
def do_together(*, service: Service, steps: Iterable[str]) -> None:
    """Let a service do steps that it needs in one interaction of their own.

    Raises catalogue.Unfit for money and times, which are agreed by themselves.
    """
    rows = list(Process.objects.select_for_update(no_key=True).filter(service=service))
    number = max((row.interaction or 0 for row in rows), default=0) + 1
    wanted = set(steps)
    for row in rows:
        if row.step in wanted:
            row.interaction = number
            catalogue.must_be_fit(row)
            row.save(update_fields=["interaction"])


def ages(criteria: Iterable[Criterion]) -> tuple[int | None, int | None]:
    """Return the youngest and oldest that criteria let in, for the search; None where open."""
    low: int | None = None
    high: int | None = None
    for row in criteria:
        if row.fact != AGE:
            continue
        first, last = _range(row)
        low = first if low is None else max(low, first if first is not None else low)
        high = last if high is None else min(high, last if last is not None else high)
    return low, high


def _range(row: Criterion) -> tuple[int | None, int | None]:
    if row.operator == CriterionOperator.BETWEEN:
        return _age(row.value[0]), _age(row.value[1])
    if row.operator == CriterionOperator.AT_LEAST:
        return _age(row.value), None
    if row.operator == CriterionOperator.AT_MOST:
        return None, _age(row.value)
    return None, None


def _age(value: Any) -> int:
    return max(0, min(int(value), OLDEST_SAID))
