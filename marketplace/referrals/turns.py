"""Whose turn it is with each open referral, and what lies on nobody's list.

Every open referral waits for somebody who works, signs in and can act. Where nobody is left (all
have gone, or were suspended), it goes to the administrators of the place whose turn it is: they
can bring somebody in. Nothing is closed by it (design §4).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Event
from cms.models import Organisation, Step
from marketplace.notices import notices
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.referrals import acts, ladder, nobodys, owing
from marketplace.referrals.models import Promise, PromiseKind, Referral, Rung, Take

LEFT = "left_to_administrator"
CLOCK = history.Actor(kind=history.ActorKind.CLOCK, reference="turns")


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: some roles at an organisation, or the family's side where there is none."""

    organisation: Organisation | None
    roles: tuple[Role, ...] = ()
    worker: User | None = None

    @property
    def is_familys(self) -> bool:
        """Tell whether the family's side has to act: the person, who decides, who asked."""
        return self.organisation is None


@dataclass(frozen=True)
class Stuck:
    """An open referral that nobody can act on, and whose administrators it goes to."""

    referral: Referral
    turn: Turn
    organisation: Organisation

    @property
    def what(self) -> str:
        """Return what was asked for, and of what is kept secret only that."""
        if self.referral.is_confidential:
            return _("Confidential support")
        return str(self.referral.service.name)

    @property
    def missing(self) -> str:
        """Return who is missing, in words."""
        if self.turn.is_familys:
            return _("Somebody to speak for the family")
        return _(" or ").join(str(role.label) for role in self.turn.roles)


def of(referral: Referral) -> Turn:
    """Return whose turn it is with an open referral; `with_turns` fetches what is asked for.

    `nobodys` says the same to the database.
    """
    if referral.rung == Rung.SIGNPOSTED or not referral.handed_over_rung:
        return Turn(None)
    service = referral.service
    if referral.rung == Rung.BOOKED:
        return Turn(service.provider, (Role.PROVIDER_WORKER,))
    for promise in sorted(referral.promises.all(), key=lambda each: (each.due_on, each.pk)):
        if promise.kind == PromiseKind.SAY_YES or promise.organisation is None:
            return Turn(None)
        return Turn(promise.organisation, owing.roles_of(promise), promise.worker)
    return _by_step(referral)


def with_turns(found: QuerySet[Referral]) -> QuerySet[Referral]:
    """Fetch what `of` asks for, in a constant number of queries."""
    owed = Promise.objects.open().select_related("organisation", "worker")
    return found.select_related(
        "service__owner", "service__provider", "referrer_organisation"
    ).prefetch_related("steps", "service__processes", Prefetch("promises", owed))


def left_over(*, at: datetime, places: Iterable[Organisation] | None = None) -> QuerySet[Referral]:
    """Return the open referrals on nobody's list, left to some places where they are named.

    One query; read a page of it with `stuck`.
    """
    return nobodys.rows(on=timezone.localdate(at), places=places)


def stuck(*, found: QuerySet[Referral]) -> list[Stuck]:
    """Return whose turn it is with each of `left_over`, or of a page of it; a few queries."""
    rows = []
    for referral in with_turns(found):
        turn = of(referral)
        place = turn.organisation or referral.referrer_organisation or referral.service.owner
        rows.append(Stuck(referral, turn, place))
    return rows


def nightly(*, at: datetime) -> int:
    """Give what lies on nobody's list to the administrators, and put back what is held for nothing.

    Each is told of once, until something happens with it again; returns how many were told of.
    """
    found = stuck(found=left_over(at=at))
    last = _last_verbs(one.referral.reference for one in found)
    new = [one for one in found if last.get(one.referral.reference) != LEFT]
    for one in new:
        _leave(one, at=at)
    _put_back(at=at)
    return len(new)


def _by_step(referral: Referral) -> Turn:
    service, steps = referral.service, acts.remaining(referral)
    if not steps or (steps[0] == Step.COMMISSION and not referral.has_yes):
        return Turn(None)
    if steps[0] in (Step.BOOK, Step.DIAGNOSE):
        return Turn(service.provider, (Role.PROVIDER_WORKER,))
    return Turn(service.owner, (Role.INTAKE_WORKER,))


def _last_verbs(references: Iterable[UUID]) -> dict[UUID, str]:
    told = Event.objects.filter(subject__in=list(references)).order_by("at", "pk")
    return dict(told.values_list("subject", "verb"))


@transaction.atomic
def _leave(one: Stuck, *, at: datetime) -> None:
    referral = ladder.locked(one.referral)
    if not referral.is_open:
        return
    ladder.write(referral=referral, verb=LEFT, before=referral.rung, by=CLOCK, at=at)
    day = timezone.localdate(at)
    told = memberships.holders(organisation=one.organisation, role=Role.ADMINISTRATOR, on=day)
    notices.tell(
        users=told or User.objects.filter(is_superuser=True, is_active=True),
        kind="nobodys_turn",
        # No kind of record: an administrator brings people in, and reads of no family.
        subject_kind="stuck",
        subject=referral.reference,
        at=at,
    )


def _put_back(*, at: datetime) -> None:
    """Put back what somebody took who is gone, or what has ended."""
    gone = ~Q(pk__in=Take.objects.standing(timezone.localdate(at)).values("pk"))
    over = Q(referral__ended_at__isnull=False)
    keys = list(Take.objects.filter(gone | over, put_back_at=None).values_list("pk", flat=True))
    Take.objects.filter(pk__in=keys, put_back_at=None).update(put_back_at=at)
