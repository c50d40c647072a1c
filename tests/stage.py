"""Puts the cast up: by the verbs where there is one, and once, for it is kept."""

import functools
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from budgets import funds, history, plans
from budgets.models import (
    Family,
    Member,
    Person,
    Responsibility,
)
from cms.models import (
    Organisation,
    Step,
)
from marketplace.authority import agreements
from marketplace.authority.models import Agreement, CoverKind
from marketplace.people import competences
from marketplace.people.models import Appointment, Membership, User
from marketplace.people.roles import AdvocateKind, Role
from tests import services
from tests.cast import (
    LADDER,
    NOW,
    ORGANISATIONS,
    PERSONS,
    STAFF,
    Cast,
)
from tests.snapshots import Snapshot


def build(*, at: datetime = NOW) -> Cast:
    """Build the whole cast as of one moment."""
    made: dict[str, Any] = {"at": at}
    day = timezone.localdate(at)
    _organisations(made)
    _households(made, day)
    _sign_ins(made, day)
    services.put_up(made, day)
    _agreements(made, day)
    _plans(made, day)
    return Cast(**made)


def clock() -> history.Actor:
    """Return the actor of what nobody in particular did."""
    return history.Actor(kind=history.ActorKind.CLOCK, reference="cast")


def _organisations(made: dict[str, Any]) -> None:
    rows = Organisation.objects.bulk_create(
        Organisation(name=name, kind=kind, phone=f"0116 496 00{number:02d}")
        for number, (name, kind) in enumerate(ORGANISATIONS.values())
    )
    made.update(zip(ORGANISATIONS, rows, strict=True))


def _households(made: dict[str, Any], day: date) -> None:
    made["family"], made["neighbours"] = Family.objects.bulk_create(
        Family(name=name, postcode=postcode, district=district, created_at=made["at"])
        for name, postcode, district in (
            ("Fred’s household", "LE10 1NR", "Hinckley and Bosworth"),
            ("Olive’s household", "LE11 2QB", "Charnwood"),
        )
    )
    long_ago = day - timedelta(days=2000)
    persons = Person.objects.bulk_create(
        Person(
            first_name=first_name,
            last_name=last_name,
            # Half a year since the last birthday, so that nobody has one during a test.
            born_on=day - timedelta(days=round((age + 0.5) * 365.25)),
            decides_alone=decides,
            decides_alone_on=long_ago if decides else None,
            decides_alone_by="cast" if decides else "",
        )
        for first_name, last_name, age, _home, _relation, decides in PERSONS.values()
    )
    made.update(zip(PERSONS, persons, strict=True))
    Member.objects.bulk_create(
        Member(family=made[home], person=made[name], relation=relation, joined_on=long_ago)
        for name, (_first, _last, _age, home, relation, _decides) in PERSONS.items()
    )
    Responsibility.objects.bulk_create(
        Responsibility(
            holder=made["fred"],
            person=made[child],
            has_parental_responsibility=True,
            may_decide=True,
            starts_on=long_ago,
        )
        for child in ("jamie", "josh")
    )


def _sign_ins(made: dict[str, Any], day: date) -> None:
    members = ("fred", "anne", "stacey", "jamie", "olive")
    rows = [
        User(email=f"{name}@alongside.example", name=made[name].name, person=made[name])
        for name in members
    ]
    rows += [
        User(email=f"{name}@alongside.example", name=full_name)
        for name, (full_name, _workplace, _role) in STAFF.items()
    ]
    names = [f"{name}_user" for name in members] + list(STAFF)
    for user in rows:
        user.set_unusable_password()
    made.update(zip(names, User.objects.bulk_create(rows), strict=True))
    start = day - timedelta(days=400)
    Membership.objects.bulk_create(
        Membership(user=made[name], organisation=made[workplace], role=role, starts_on=start)
        for name, (_full_name, workplace, role) in STAFF.items()
    )
    made["workplaces"] = {
        made[name].pk: made[workplace] for name, (_full_name, workplace, _role) in STAFF.items()
    }
    Appointment.objects.bulk_create(
        Appointment(
            person=made[person],
            user=made[advocate],
            kind=AdvocateKind.PAID_ADVOCATE,
            starts_on=day - timedelta(days=30),
        )
        for person, advocate in (
            ("fred", "amira"),
            ("anne", "amira"),
            ("jamie", "amira"),
            ("josh", "amira"),
            ("olive", "nadia"),
        )
    )


def _agreements(made: dict[str, Any], day: date) -> None:
    start = day - timedelta(days=400)
    made["agreement"] = _propose(made, holder=made["beacon"], start=start)
    made["cover"] = agreements.add_cover(
        agreement=made["agreement"],
        kind=CoverKind.INSURED,
        insurer="Fenwick Mutual (invented)",
        policy_reference="FM-20418",
        amount_pence=500_000_000,
        valid_from=start,
        valid_to=day + timedelta(days=300),
    )
    agreements.add_rules(
        agreement=made["agreement"],
        role=Role.ADVOCATE,
        service=made["mentor"],
        steps=LADDER[:4],
        cover=made["cover"],
        limit_commission_pence=50_000,
        limit_family_year_pence=100_000,
        limit_year_pence=200_000,
        valid_from=start,
    )
    agreements.add_rules(
        agreement=made["agreement"],
        role=Role.ADVOCATE,
        service=made["family_support"],
        steps=LADDER[:2],
        cover=made["cover"],
        valid_from=start,
    )
    made["agreement"] = _sign(made, "agreement", start=start)
    made["families_agreement"] = _propose(made, holder=None, start=start)
    agreements.add_rules(
        agreement=made["families_agreement"],
        role=Role.FAMILY,
        service=made["mentor"],
        steps=LADDER[:4],
        limit_commission_pence=20_000,
        valid_from=start,
    )
    made["families_agreement"] = _sign(made, "families_agreement", start=start)
    for name, competence, limit_pence in (
        ("scheme", "", 100_000),
        ("senior_scheme", "senior_commissioner", 1_000_000),
    ):
        made[name] = _propose(made, holder=made["county"], start=start)
        agreements.add_rules(
            agreement=made[name],
            role=Role.COMMISSIONER,
            steps=[Step.COMMISSION],
            cover=agreements.add_cover(
                agreement=made[name], kind=CoverKind.SELF_INSURED, valid_from=start
            ),
            competence=competence,
            limit_commission_pence=limit_pence,
            valid_from=start,
        )
        made[name] = _sign(made, name, start=start)
    competences.record(
        user=made["helena"],
        code="senior_commissioner",
        checked_by="cast",
        starts_on=start,
        by=clock(),
        at=made["at"],
    )


def _propose(made: dict[str, Any], *, holder: Organisation | None, start: date) -> Agreement:
    return agreements.propose(
        owner=made["county"],
        holder=holder,
        valid_from=start,
        valid_to=None,
        by=clock(),
        at=_on(made, start),
    )


def _sign(made: dict[str, Any], name: str, *, start: date) -> Agreement:
    """Sign for both on the first day, since nothing holds for the days before it was signed."""
    agreement: Agreement = made[name]
    for party in dict.fromkeys([agreement.owner, agreement.holder or agreement.owner]):
        agreement = agreements.sign(
            agreement=agreement, party=party, by=clock(), at=_on(made, start)
        )
    return agreement


def _on(made: dict[str, Any], day: date) -> datetime:
    moment: datetime = made["at"]
    return moment - (timezone.localdate(moment) - day)


def _plans(made: dict[str, Any], day: date) -> None:
    by, at = clock(), made["at"]
    start = day - timedelta(days=60)
    for name, family, vision in (
        ("plan", "family", "A calmer home, and Jamie back at school."),
        ("neighbours_plan", "neighbours", "A garden."),
    ):
        plan = plans.open(
            family=made[family],
            starts_on=start,
            ends_on=start + timedelta(days=4 * 365),
            vision=vision,
            by=by,
            at=at,
        )
        plan = plans.agree(plan=plan, by=by, at=at)
        made[name] = plans.activate(plan=plan, by=by, at=at)
    for name, person, words, is_confidential in (
        ("goal", None, "Fewer rows in the evening.", False),
        ("jamie_goal", "jamie", "Something to do on Fridays.", False),
        ("jamie_secret_goal", "jamie", "To talk to somebody about Mum.", True),
        ("stacey_secret_goal", "stacey", "A place of my own for the baby.", True),
    ):
        made[name] = plans.add_goal(
            plan=made["plan"],
            words=words,
            person=made[person] if person else None,
            is_confidential=is_confidential,
            by=by,
            at=at,
        )
    _money(made, funds.year_of(day))


def _money(made: dict[str, Any], year: int) -> None:
    by, at = clock(), made["at"]
    for name, owner, amount_pence in (
        ("county_fund", "county", 300_000),
        ("nhs_fund", "nhs", 200_000),
        ("district_fund", "district", 100_000),
    ):
        fund = funds.open(organisation=made[owner], name="Family plans", year=year, by=by, at=at)
        funds.pay_in(fund=fund, amount_pence=amount_pence * 10, key=f"cast:{name}", by=by, at=at)
        funds.allocate(
            fund=fund,
            plan=made["plan"],
            year=year,
            amount_pence=amount_pence,
            key=f"cast:{name}:plan",
            by=by,
            at=at,
        )
        made[name] = fund


@pytest.fixture
def cast(db: None) -> Cast:
    """Give a test the cast, on Wednesday 3 June 2026."""
    return _kept(NOW)


@pytest.fixture
def cast_today(db: None) -> Cast:
    """Give a test the cast, as of this hour by the wall clock."""
    return _kept(timezone.now().replace(minute=0, second=0, microsecond=0))


@functools.cache
def _snapshot(at: datetime) -> Snapshot[Cast]:
    return Snapshot(functools.partial(build, at=at))


def _kept(at: datetime) -> Cast:
    return _snapshot(at).put()
