"""A small catalogue with one of everything, for the feed."""

import pathlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from cms import catalogue
from cms.models import (
    Band,
    ContactCheck,
    Criterion,
    CriterionOperator,
    Organisation,
    OrganisationKind,
    Process,
    Question,
    Schedule,
    Service,
    ServiceKind,
    Step,
    Term,
    TermTaxonomy,
)
from pricing import prices
from pricing.models import Confidence, Funding, PriceUnit

BASE = "/openreferral/v3"
EXAMPLES = pathlib.Path(__file__).parent / "examples"


@dataclass(frozen=True)
class Fed:
    """What is there, and when."""

    at: datetime
    council: Organisation
    sole_trader: Organisation
    need: Term
    smaller_need: Term
    polish: Term
    swimming: Service
    refuge: Service
    mentor: Service
    draft: Service
    lapsed: Service

    @property
    def on(self) -> date:
        """Return the day."""
        return timezone.localdate(self.at)


def get(path: str, **headers: str) -> Any:
    """Ask the feed, as anybody."""
    return Client().get(f"{BASE}{path}", headers=headers)


def put_up() -> Fed:
    """Put the catalogue up."""
    at = timezone.now()
    on = timezone.localdate(at)
    council = catalogue.add_organisation(
        name="Hinckley Council",
        kind=OrganisationKind.DISTRICT_COUNCIL,
        description="Homes & things to do.",
        website="https://council.example",
        email="hello@council.example",
        phone="01632 960110",
    )
    trader = catalogue.add_organisation(
        name="Ms Canary Tutor",
        kind=OrganisationKind.SOLE_TRADER,
        email="canary-home@trader.example",
        phone="01632 960999",
    )
    need = catalogue.add_term(taxonomy=TermTaxonomy.NEED, name="Health", plain_name="Being well")
    smaller = catalogue.add_term(taxonomy=TermTaxonomy.NEED, name="Exercise", parent=need)
    polish = catalogue.add_term(taxonomy=TermTaxonomy.LANGUAGE, name="Polish")
    return Fed(
        at=at,
        council=council,
        sole_trader=trader,
        need=need,
        smaller_need=smaller,
        polish=polish,
        swimming=swimming(council, [smaller, polish], on=on, at=at),
        refuge=refuge(council, trader, need, on=on),
        mentor=mentor(trader, on=on),
        draft=catalogue.add_service(name="Canary draft", owner=council, live=False),
        lapsed=catalogue.add_service(
            name="Check run out",
            owner=council,
            contact_check=ContactCheck.DBS_BASIC,
            check_valid_until=on - timedelta(days=3),
        ),
    )


def swimming(council: Organisation, terms: list[Term], *, on: date, at: datetime) -> Service:
    """Add a service with a value in every field there is."""
    pool = catalogue.add_place(
        organisation=council,
        name="Green Lane Pool",
        address="1 Green Lane, Hinckley",
        postcode="LE10 0FR",
        step_free=True,
    )
    found = catalogue.add_service(
        name="Swimming for two",
        owner=council,
        kind=ServiceKind.GROUP,
        summary="Splash, with a friend.",
        description="You get in.\n\n<b>Warm</b> water & towels: 5 < 6.",
        what_happens_next="Somebody rings you.",
        website="https://council.example/swim",
        email="swim@council.example",
        phone="01632 960111",
        minimum_age=8,
        maximum_age=16,
        terms=terms,
        places=[pool],
        districts=["Hinckley and Bosworth"],
        wait_days=0,
        answer_days=3,
        standard_quantity=6,
        places_a_week=4,
        places_at_once=12,
        is_statutory=True,
        contact_check=ContactCheck.DBS_ENHANCED,
        check_valid_until=on + timedelta(days=200),
        checked_on=on - timedelta(days=30),
        steps=[Process(step=Step.TAKE_APPLICATION, interaction=1), Process(step=Step.BOOK)],
        criteria=[
            Criterion(
                fact="age",
                operator=CriterionOperator.BETWEEN,
                value=[8, 16],
                sentence="For people aged 8 to 16.",
            )
        ],
        bands=[
            Band(
                fact="is_new", operator=CriterionOperator.IS, value=True, units=9, sentence="Nine."
            )
        ],
        questions=[Question(key="likes", text="What do you like?")],
        schedules=[
            Schedule(weekday=5, opens_at=time(10), closes_at=time(12), place=pool),
            Schedule(weekday=1, opens_at=time(18), description="in term time"),
            Schedule(description="Ask them."),
        ],
    )
    for amount, unit in ((450, PriceUnit.SESSION), (4000, PriceUnit.COURSE)):
        prices.set_price(
            service=found,
            amount_pence=amount,
            unit=unit,
            funding=Funding.SPOT_PURCHASE,
            confidence=Confidence.PLACEHOLDER,
            price_year="2026/27",
            source="A guess: replace it",
            contract_reference="CANARY-CONTRACT-7",
            cost_pence=98765,
            valid_from=on - timedelta(days=40),
            by="a commissioner",
            at=at,
        )
    return found


def refuge(council: Organisation, trader: Organisation, need: Term, *, on: date) -> Service:
    """Add a confidential service that one organisation owns and another runs."""
    return catalogue.add_service(
        name="Somewhere safe to talk",
        owner=council,
        provider=trader,
        terms=[need],
        minimum_age=18,
        is_confidential=True,
        checked_on=on - timedelta(days=400),
        schedules=[Schedule(weekday=5, opens_at=time(14), closes_at=time(15))],
    )


def mentor(trader: Organisation, *, on: date) -> Service:
    """Add a mentor, whose name, story and picture are hers."""
    return catalogue.add_service(
        name="A mentor for young people",
        slug="mentor-canarykai",
        owner=trader,
        kind=ServiceKind.MENTOR,
        description="Bikes and chips.",
        contact_check=ContactCheck.DBS_ENHANCED,
        check_valid_until=on + timedelta(days=100),
    )
