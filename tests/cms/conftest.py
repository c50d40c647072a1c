"""A small catalogue: what the tests of this room stand on."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from cms import catalogue
from cms.models import (
    ContactCheck,
    Criterion,
    CriterionOperator,
    Organisation,
    OrganisationKind,
    Place,
    Schedule,
    Service,
    ServiceKind,
    Step,
    Term,
    TermTaxonomy,
)

DAY = date(2026, 6, 3)


@dataclass
class Shelf:
    """Three services of one council, and the words they are filed under."""

    council: Organisation
    charity: Organisation
    being_well: Term
    moving: Term
    lonely: Term
    pool: Place
    hall: Place
    swimming: Service
    counselling: Service
    kai: Service


@pytest.fixture
def shelf(db: None) -> Shelf:
    """Put up the small catalogue."""
    council = catalogue.add_organisation(
        name="Hinckley Council", kind=OrganisationKind.DISTRICT_COUNCIL
    )
    charity = catalogue.add_organisation(name="Open Door", kind=OrganisationKind.CHARITY)
    being_well, moving, lonely = terms()
    pool, hall = where(council, charity)
    return Shelf(
        council=council,
        charity=charity,
        being_well=being_well,
        moving=moving,
        lonely=lonely,
        pool=pool,
        hall=hall,
        swimming=swimming(council, moving, pool),
        counselling=counselling(council, charity, lonely, hall),
        kai=kai(council, charity, lonely, moving),
    )


def terms() -> tuple[Term, Term, Term]:
    """Add a need, a need inside it, and an issue."""
    being_well = catalogue.add_term(
        taxonomy=TermTaxonomy.NEED, name="Physical health", plain_name="Being well"
    )
    moving = catalogue.add_term(
        taxonomy=TermTaxonomy.NEED, name="Exercise", plain_name="Moving more", parent=being_well
    )
    lonely = catalogue.add_term(
        taxonomy=TermTaxonomy.ISSUE, name="Isolation", plain_name="Feeling lonely"
    )
    return being_well, moving, lonely


def where(council: Organisation, charity: Organisation) -> tuple[Place, Place]:
    """Add a place in Hinckley and one in Loughborough."""
    pool = catalogue.add_place(
        organisation=council,
        name="The pool",
        postcode="LE10 0NR",
        district="Hinckley and Bosworth",
        latitude=52.54,
        longitude=-1.37,
        step_free=True,
    )
    hall = catalogue.add_place(
        organisation=charity,
        name="The hall",
        postcode="LE11 5EE",
        district="Charnwood",
        latitude=52.77,
        longitude=-1.20,
    )
    return pool, hall


def swimming(council: Organisation, moving: Term, pool: Place) -> Service:
    """Add what is open to every child, for £4.50 a session."""
    service = catalogue.add_service(
        name="Learn to swim",
        owner=council,
        kind=ServiceKind.UNIVERSAL,
        summary="Lessons for nervous beginners.",
        description="Warm water, patient teachers.",
        minimum_age=5,
        maximum_age=11,
        wait_days=7,
        terms=[moving],
        places=[pool],
        steps=[Step.BOOK],
        schedules=[Schedule(weekday=1)],
        criteria=[between(5, 11, "For children aged 5 to 11.")],
    )
    catalogue.list(service=service, price_from_pence=450, price_unit="session")
    return service


def between(low: int, high: int, sentence: str) -> Criterion:
    """Return who can have something by age."""
    return Criterion(
        fact="age", operator=CriterionOperator.BETWEEN, value=[low, high], sentence=sentence
    )


def counselling(council: Organisation, charity: Organisation, lonely: Term, hall: Place) -> Service:
    """Add what young people have to be referred to, at no charge."""
    service = catalogue.add_service(
        name="Talking it through",
        owner=council,
        provider=charity,
        summary="Counselling for young people.",
        description="Somebody to talk to about anger, school or home.",
        minimum_age=11,
        wait_days=40,
        terms=[lonely],
        places=[hall],
        steps=[Step.CHECK_ELIGIBILITY, Step.BOOK],
    )
    catalogue.list(service=service, price_from_pence=0, price_unit="session")
    return service


def kai(council: Organisation, charity: Organisation, lonely: Term, moving: Term) -> Service:
    """Add a mentor who comes to you, at a price nobody has said."""
    return catalogue.add_service(
        name="Kai",
        owner=council,
        provider=charity,
        kind=ServiceKind.MENTOR,
        summary="A mentor who has been there.",
        description="Football and cooking.",
        terms=[lonely, moving],
        contact_check=ContactCheck.DBS_ENHANCED,
        check_valid_until=DAY + timedelta(days=365),
    )
