"""Asking again: one open request a person and service, and what was only told of is taken up."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Family, Goal, Person, Plan
from cms.models import Service, Term
from marketplace.people.models import User
from marketplace.referrals import ladder
from marketplace.referrals.models import Referral, Rung
from marketplace.sharing import sharing


class AlreadyAsked(history.Refused):
    """An open request of this person for this service is there; `referral` is that one."""

    def __init__(self, referral: Referral) -> None:
        super().__init__(
            _(
                "“%(service)s” was asked for already for %(name)s, and that is still open. "
                "See how far it is; it has to end before it is asked for again."
            )
            % {"service": referral.service.name, "name": referral.person.first_name}
        )
        self.referral = referral


class NotOnlyTold(history.Refused):
    """More was done than to tell of it, so it is not taken up but gone on with."""


class Meanwhile(history.Refused):
    """Somebody else asked at the same moment; sent once more, it goes through."""


def standing(
    *, person: Person, service: Service, is_confidential: bool, user: User, at: datetime
) -> QuerySet[Referral]:
    """Return what stands against asking for a service now: what she asked for, or may know of.

    What is hidden from somebody leaves no trace (design §5), so it never refuses her: not what is
    kept from others in confidence, nor what another organisation asked for openly. She asks as if
    there were nothing; the service, which is told of both, ends one (`asked_twice`).
    """
    found = _open(person).filter(service=service, is_confidential=is_confidential)
    if is_confidential:
        return found.filter(referrer=user)
    seen = sharing.visible(found, user=user, at=at)
    return found.filter(Q(referrer=user) | Q(pk__in=seen.values("pk")))


@contextmanager
def one_open(
    *,
    person: Person,
    family: Family,
    service: Service,
    is_confidential: bool,
    user: User,
    at: datetime,
) -> Iterator[bool]:
    """Let a request be written while the household is locked, where none stands against it.

    Tells whether it is written apart: beside an open one of which its asker may not know. The
    database's constraints have the last word. Raises AlreadyAsked, Meanwhile.
    """
    Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    rows = standing(
        person=person, service=service, is_confidential=is_confidential, user=user, at=at
    )
    rows = rows.select_related("service", "person").order_by("pk")
    _must_be_none(rows)
    openly = _open(person).filter(service=service, is_confidential=False, is_apart=False)
    try:
        with transaction.atomic():
            yield not is_confidential and openly.exclude(pk__in=rows.values("pk")).exists()
    except IntegrityError:  # asked at the same moment in another household of theirs
        _must_be_none(rows)
        if openly.exists():
            raise Meanwhile(_("This did not go through. Send it once more, please.")) from None
        raise


@transaction.atomic
def take_up(
    *,
    referral: Referral,
    by: history.Actor,
    at: datetime,
    plan: Plan | None = None,
    goal: Goal | None = None,
    need: Term | None = None,
    barrier: Term | None = None,
    met_by: str = "",
    instead_of: str = "",
    is_weighed: bool = False,
) -> Referral:
    """Ask in earnest for what somebody was only told of: why is written where it was not known.

    Raises NotOnlyTold.
    """
    referral = ladder.locked(referral)
    if referral.rung != Rung.SIGNPOSTED:
        raise NotOnlyTold(_("This was asked for already. See how far it is."))
    said = {
        "plan": plan,
        "goal": goal,
        "need": need,
        "barrier": barrier,
        "met_by": met_by,
        "instead_of": instead_of,
        "weighed_at": at if is_weighed else None,
    }
    new = {name: value for name, value in said.items() if value and not getattr(referral, name)}
    if new:
        for name, value in new.items():
            setattr(referral, name, value)
        referral.save(update_fields=list(new))
    ladder.write(referral=referral, verb="take_up", before=referral.rung, by=by, at=at)
    return referral


def only_told(
    *, person: Person, service: Service, is_confidential: bool, user: User, at: datetime
) -> Referral | None:
    """Return what somebody was told of and nobody went on with, where the user may know of it."""
    rows = standing(
        person=person, service=service, is_confidential=is_confidential, user=user, at=at
    )
    seen = sharing.visible(rows.filter(rung=Rung.SIGNPOSTED), user=user, at=at)
    return seen.select_related("service", "person", "family").order_by("pk").first()


def standing_for(
    *, person: Person, services: Iterable[Service], user: User, at: datetime
) -> dict[int, Referral]:
    """Return, by the id of each service, what was asked for already and the user may know of.

    What somebody was only told of does not stand against it. One query for all.
    """
    rows = _open(person).filter(service__in=list(services))
    seen = sharing.visible(rows.exclude(rung=Rung.SIGNPOSTED), user=user, at=at)
    return {row.service_id: row for row in seen.order_by("-pk")}


def _open(person: Person) -> QuerySet[Referral]:
    """Return what is open of all of a person's records; hidden ones lead nowhere."""
    same = Person.objects.same_as([person.pk]).values("pk")
    return Referral.objects.open().filter(Q(person=person) | Q(person__in=same))


def _must_be_none(rows: QuerySet[Referral]) -> None:
    found = rows.first()
    if found is not None:
        raise AlreadyAsked(found)
