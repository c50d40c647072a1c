"""Checks that workers hold, written down by who saw them (design §5).

A service is offered on a day only while somebody's check that its contact needs is held; which
check that is, its entry says. The number of a check is never asked for.
"""

import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cms import catalogue
from cms.models import Check, Service

LONGEST = datetime.timedelta(days=3 * 366)
"""Three years: the usual time after which a check is looked at again."""


class NotSeenYet(catalogue.Refused):
    """A check that is to be seen some day."""


class TooLong(catalogue.Refused):
    """A check is not held for ever."""


@transaction.atomic
def record(
    *,
    service: Service,
    holder: str,
    level: str,
    seen_on: datetime.date,
    valid_until: datetime.date,
    by: str,
    on: datetime.date,
) -> Check:
    """Write down that a worker's check was seen; the service is offered as long as it is enough.

    `on` is today. Raises `NotSeenYet`, `TooLong`, catalogue.Unfit.
    """
    service = _locked(service)
    if seen_on > on:
        raise NotSeenYet(_("Write a check down when you have seen it."))
    if valid_until > seen_on + LONGEST:
        raise TooLong(_("Look at a check again after three years at most."))
    check = Check(
        service=service,
        holder=holder.strip(),
        level=level,
        seen_on=seen_on,
        valid_until=valid_until,
        seen_by=by,
    )
    catalogue.must_be_fit(check)
    check.save()
    _reckon(service)
    return check


@transaction.atomic
def end(*, check: Check, at: datetime.datetime) -> Check:
    """Count a check no more: the worker has gone, or it was written down wrongly."""
    service = _locked(check.service)
    check = Check.objects.select_for_update(no_key=True).get(pk=check.pk)
    if check.ended_at is None:
        check.ended_at = at
        check.save(update_fields=["ended_at"])
        _reckon(service)
    return check


def _locked(service: Service) -> Service:
    return Service.objects.select_for_update(no_key=True, of=("self",)).get(pk=service.pk)


def _reckon(service: Service) -> None:
    """Write on the entry how long a check that is enough is held: what the search reads."""
    rows = Check.objects.held().filter(service=service)
    enough = [row.valid_until for row in rows if row.will_do(need=service.contact_check)]
    service.check_valid_until = max(enough, default=None)
    service.save(update_fields=["check_valid_until", "changed_at"])
    catalogue.list(service=service)
