"""Whose turn it is with each open referral, and what lies on nobody's list.

Every open referral waits for somebody who works, signs in and can act. Where nobody is left (all
have gone, or were suspended), it goes to the administrators of the place whose turn it is: they
can bring somebody in. Nothing is closed by it (design §4).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import history
from budgets.models import Event, Responsibility
from cms.models import Organisation, Step
from marketplace.notices import notices
from marketplace.people import appointments, memberships
from marketplace.people.models import Appointment, Membership, User
from marketplace.people.roles import POWERS, Power, Role
from marketplace.referrals import acts, ladder, owing
from marketplace.referrals.models import Promise, PromiseKind, Referral, Rung, Take

LEFT = "left_to_administrator"
CLOCK = history.Actor(kind=history.ActorKind.CLOCK, reference="turns")
CHUNK = 500


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
    """Return whose turn it is with an open referral; `with_turns` fetches what is asked for."""
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


def stuck(*, at: datetime, places: Iterable[Organisation] | None = None) -> list[Stuck]:
    """Return every open referral on nobody's list, of some places where they are named."""
    open_ones = Referral.objects.open()
    if places is not None:
        keys = [place.pk for place in places]
        open_ones = open_ones.filter(
            Q(service__owner__in=keys)
            | Q(service__provider__in=keys)
            | Q(referrer_organisation__in=keys)
        )
    who = _Able(on=timezone.localdate(at))
    found = []
    for referral in with_turns(open_ones).order_by("pk").iterator(chunk_size=CHUNK):
        turn = of(referral)
        if not who.can(referral, turn):
            place = turn.organisation or referral.referrer_organisation or referral.service.owner
            found.append(Stuck(referral, turn, place))
    return found


def nightly(*, at: datetime) -> int:
    """Give what lies on nobody's list to the administrators, and put back what is held for nothing.

    Each is told of once, until something happens with it again; returns how many were told of.
    """
    found = stuck(at=at)
    last = _last_verbs(one.referral.reference for one in found)
    new = [one for one in found if last.get(one.referral.reference) != LEFT]
    for one in new:
        _leave(one, at=at)
    _put_back(at=at)
    return len(new)


class _Able:
    """Who can act on a day, asked for once for all referrals."""

    def __init__(self, *, on: date) -> None:
        held = Membership.objects.on(on).filter(user__is_active=True)
        rows = list(held.values_list("user", "organisation", "role"))
        self.roles = {(organisation, role) for _user, organisation, role in rows}
        self.workers = {(user, organisation) for user, organisation, _role in rows}
        self.at_home = set(_persons_with_somebody(on))
        signs_in = User.objects.filter(is_active=True)
        self.at_home_users = set(signs_in.filter(person__isnull=False).values_list("pk", flat=True))

    def can(self, referral: Referral, turn: Turn) -> bool:
        """Tell whether there is somebody who can act."""
        place = turn.organisation
        if place is None:
            return referral.person_id in self.at_home or self._asks_on(referral)
        if turn.worker is not None and (turn.worker.pk, place.pk) in self.workers:
            return True
        return any((place.pk, role) in self.roles for role in turn.roles)

    def _asks_on(self, referral: Referral) -> bool:
        """Tell whether who asked is still there: at home, or where she asked from."""
        if referral.referrer_organisation_id is None:
            return referral.referrer_id in self.at_home_users
        return (referral.referrer_id, referral.referrer_organisation_id) in self.workers


def _persons_with_somebody(on: date) -> Collection[int]:
    """Return the persons who sign in, or for whom somebody does who may act."""
    signs_in = set(
        User.objects.filter(is_active=True, person__isnull=False).values_list("person", flat=True)
    )
    kept = Responsibility.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=on),
        may_decide=True,
        starts_on__lte=on,
        holder__in=signs_in,
    )
    decided_for = set(kept.values_list("person", flat=True))
    return signs_in | decided_for | set(_represented(on).values_list("person", flat=True))


def _represented(on: date) -> QuerySet[Appointment]:
    works = Membership.objects.on(on).filter(user=OuterRef("user"))
    holds = ~Q(kind__in=list(appointments.EMPLOYED))
    for kind, role in appointments.EMPLOYED.items():
        holds |= Q(Exists(works.filter(role=role)), kind=kind)
    acts_for = [kind for kind, powers in POWERS.items() if Power.REPRESENT in powers]
    return Appointment.objects.on(on).filter(holds, kind__in=acts_for, user__is_active=True)


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
