"""What lies on nobody's list, found by the database: whose turn it is, and whether anybody is left.

The same as `turns.of` tells of one referral, said once more for all of them, so that a page reads
only the rows that it shows however many are open. A test holds the two together.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from budgets.models import Responsibility
from cms.models import Organisation, Process, Step
from marketplace.people import appointments
from marketplace.people.models import Appointment, Membership, User
from marketplace.people.roles import POWERS, Power, Role
from marketplace.referrals import owing
from marketplace.referrals.models import (
    GIVEN_KINDS,
    Promise,
    PromiseKind,
    Referral,
    Rung,
    StepTaken,
)

CASE_WORKERS = "case_workers"  # advocates and leads: whoever works with the family there
PARTS: dict[str, tuple[Role, ...]] = {
    Role.INTAKE_WORKER: (Role.INTAKE_WORKER,),
    Role.PROVIDER_WORKER: (Role.PROVIDER_WORKER,),
    Role.COMMISSIONER: (Role.COMMISSIONER,),
    CASE_WORKERS: (Role.ADVOCATE, Role.LEAD_PROFESSIONAL),
}
FAMILY, OWNER, PROVIDER, PROMISER = "family", "owner", "provider", "promiser"


def rows(*, on: date, places: Iterable[Organisation] | None = None) -> QuerySet[Referral]:
    """Return the open referrals for whose turn nobody is left, with `left_to`: where they go.

    Only those left to some places where they are named.
    """
    at_work = Membership.objects.on(on).filter(user__is_active=True)
    found = _with_turn(Referral.objects.open(), at_work)
    found = found.annotate(
        place=Case(
            When(side=OWNER, then=F("service__owner")),
            When(side=PROVIDER, then=F("service__provider")),
            When(side=PROMISER, then=F("owes")),
            output_field=BigIntegerField(),
        )
    )
    goes_to = Coalesce(
        "place", "referrer_organisation", "service__owner", output_field=BigIntegerField()
    )
    found = found.annotate(left_to=goes_to)
    if places is not None:
        found = found.filter(left_to__in=[place.pk for place in places])
    asks_on = at_work.filter(
        user=OuterRef("referrer"), organisation=OuterRef("referrer_organisation")
    )
    at_home = User.objects.filter(pk=OuterRef("referrer"), person__isnull=False, is_active=True)
    familys = (
        Q(person__in=_signing_in())
        | Q(person__in=_decided_for(on).values("person"))
        | Q(person__in=represented(on).values("person"))
        | (Q(referrer_organisation__isnull=True) & Q(Exists(at_home)))
        | Q(Exists(asks_on))
    )
    works = Q(is_worker_there=True, side=PROMISER)
    for part, roles in PARTS.items():
        there = at_work.filter(role__in=roles).values("organisation")
        works |= Q(part=part, place__in=there)
    return found.exclude((Q(side=FAMILY) & familys) | (~Q(side=FAMILY) & works)).order_by("pk")


def represented(on: date) -> QuerySet[Appointment]:
    """Return the appointments on a day of those who act for somebody, and can."""
    works = Membership.objects.on(on).filter(user=OuterRef("user"))
    holds = ~Q(kind__in=list(appointments.EMPLOYED))
    for kind, role in appointments.EMPLOYED.items():
        holds |= Q(Exists(works.filter(role=role)), kind=kind)
    acts_for = [kind for kind, powers in POWERS.items() if Power.REPRESENT in powers]
    return Appointment.objects.on(on).filter(holds, kind__in=acts_for, user__is_active=True)


def _with_turn(found: QuerySet[Referral], at_work: QuerySet[Membership]) -> QuerySet[Referral]:
    """Say of each whose turn it is: which side's, and in what part."""
    her = at_work.filter(user=OuterRef("worker"), organisation=OuterRef("organisation"))
    first = Promise.objects.open().filter(referral=OuterRef("pk")).order_by("due_on", "pk")
    taken = StepTaken.objects.filter(referral=OuterRef(OuterRef("pk")), step=OuterRef("step"))
    to_do = Process.objects.filter(~Exists(taken), service=OuterRef("service"))
    said = found.annotate(
        owed=Subquery(first.values("kind")[:1]),
        owes=Subquery(first.values("organisation")[:1]),
        is_worker_there=Subquery(first.annotate(is_there=Exists(her)).values("is_there")[:1]),
        next_step=Subquery(to_do.order_by("position", "pk").values("step")[:1]),
    )
    is_familys = (
        Q(rung=Rung.SIGNPOSTED)
        | Q(handed_over_rung="")
        | (~Q(rung=Rung.BOOKED) & Q(owed__isnull=False) & _nobody_at_work_owes())
        | (~Q(rung=Rung.BOOKED) & Q(owed__isnull=True) & _family_is_next())
    )
    return said.annotate(
        side=Case(
            When(is_familys, then=Value(FAMILY)),
            When(rung=Rung.BOOKED, then=Value(PROVIDER)),
            When(owed__isnull=False, then=Value(PROMISER)),
            When(next_step__in=(Step.BOOK, Step.DIAGNOSE), then=Value(PROVIDER)),
            default=Value(OWNER),
            output_field=CharField(),
        )
    ).annotate(
        part=Case(
            When(side=PROVIDER, then=Value(Role.PROVIDER_WORKER)),
            When(side=OWNER, then=Value(Role.INTAKE_WORKER)),
            *(When(owed=kind, then=Value(role)) for kind, role in owing.ROLE_OF_KIND.items()),
            When(~Q(owed__in=GIVEN_KINDS), then=Value(Role.INTAKE_WORKER)),
            When(owes=F("service__owner"), then=Value(Role.INTAKE_WORKER)),
            When(owes=F("service__provider"), then=Value(Role.PROVIDER_WORKER)),
            default=Value(CASE_WORKERS),
            output_field=CharField(),
        )
    )


def _nobody_at_work_owes() -> Q:
    return Q(owed=PromiseKind.SAY_YES) | Q(owes__isnull=True)


def _family_is_next() -> Q:
    return Q(next_step__isnull=True) | Q(next_step=Step.COMMISSION, yes_at__isnull=True)


def _signing_in() -> QuerySet[User]:
    signs_in = User.objects.filter(is_active=True, person__isnull=False)
    return signs_in.values("person")  # type: ignore[return-value]


def _decided_for(on: date) -> QuerySet[Responsibility]:
    """Return who decides for somebody on a day, and signs in."""
    return Responsibility.objects.on(on).filter(may_decide=True, holder__in=_signing_in())
