"""Asking those who keep entries to check them: one message an organisation, each stage once."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from budgets import history
from cms import catalogue, reminders
from cms.models import Organisation, Service
from marketplace.notices import links, notices
from marketplace.people.models import User

SUBJECT = "entries"


def nightly(*, at: datetime) -> int:
    """Tell of what reached a stage since; return of how many entries. Twice a night tells once.

    Who provides it is told, by notice, or by letter where nobody of theirs signs in; its owner
    where that is not known either. What nobody can be told of is on the owner's own page.
    """
    on = timezone.localdate(at)
    found = list(reminders.due(on=on))
    bodies = {row.provider_id for row in found} | {row.owner_id for row in found}
    held = links.keepers(organisations=bodies, on=on)
    to_users: dict[Organisation, list[Service]] = {}
    to_address: dict[str, list[Service]] = {}
    for row in found:
        if row.provider_id in held:
            to_users.setdefault(row.provider, []).append(row)
        elif address := links.contact(row):
            to_address.setdefault(address.lower(), []).append(row)
        else:
            to_users.setdefault(row.owner, []).append(row)
    told = [_tell(body, rows, held.get(body.pk, []), at=at) for body, rows in to_users.items()]
    told += [_write(address, rows, at=at) for address, rows in to_address.items()]
    return sum(told)


@transaction.atomic
def check(*, token: str, at: datetime) -> Service:
    """Record that the reader of a link found its entry right today; twice is harmless.

    Raises links.NoLongerGood.
    """
    link = links.find(token=token, at=at)
    by = history.Actor(
        kind=history.ActorKind.LINK,
        reference=hashlib.sha256(token.encode()).hexdigest()[:36],
        organisation=link.service.provider.reference,
    )
    return record_check(service=link.service, user=link.user, by=by, at=at)


@transaction.atomic
def record_check(
    *, service: Service, user: User | None, by: history.Actor, at: datetime
) -> Service:
    """Record that an entry was read and found right today, and by whom. Raises IsWithdrawn."""
    on = timezone.localdate(at)
    checked = catalogue.check(service=service, on=on, by_user=user)
    history.record(by=by, at=at, verb="check", subject_kind="service", subject=checked.reference)
    return checked


def _tell(
    organisation: Organisation, services: Iterable[Service], users: list[User], *, at: datetime
) -> int:
    """Tell an organisation's people of their entries, all in one message."""
    try:
        with transaction.atomic():
            written = reminders.write(services=services, at=at, to=organisation)
            notices.tell(
                users=users,
                kind=links.KIND,
                subject_kind=SUBJECT,
                subject=organisation.reference,
                at=at,
            )
    except IntegrityError:
        return 0  # another run told of them
    return len(written)


def _write(address: str, services: Iterable[Service], *, at: datetime) -> int:
    """Leave a letter to an address in the outbox."""
    try:
        with transaction.atomic():
            return len(reminders.write(services=services, at=at, email=address))
    except IntegrityError:
        return 0
