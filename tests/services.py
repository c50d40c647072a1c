"""What stands in the catalogue of the cast: four services with their steps and prices."""

from datetime import date, timedelta
from typing import Any

from cms import catalogue
from cms.models import (
    ContactCheck,
    Criterion,
    CriterionOperator,
    Question,
    ServiceKind,
    Step,
    Term,
    TermTaxonomy,
)
from pricing.models import Confidence, Funding, Price, PriceUnit
from tests.cast import (
    LADDER,
    LADDER_WITH_ASSESSMENT,
    MENTOR_PENCE,
)


def put_up(made: dict[str, Any], day: date) -> None:
    """Add the terms, the services and their prices."""
    _terms(made)
    _services(made, day)
    _prices(made, day)


def _terms(made: dict[str, Any]) -> None:
    made["need"], made["barrier"] = Term.objects.bulk_create(
        [
            Term(taxonomy=TermTaxonomy.NEED, slug="leisure", name="Leisure"),
            Term(taxonomy=TermTaxonomy.BARRIER, slug="fear-of-travel", name="Afraid of the bus"),
        ]
    )


def _services(made: dict[str, Any], day: date) -> None:
    checked: dict[str, Any] = {
        "contact_check": ContactCheck.DBS_ENHANCED,
        "check_valid_until": day + timedelta(days=400),
        "checked_on": day - timedelta(days=20),
    }
    made["mentor"] = catalogue.add_service(
        name="Kai: a mentor for young people",
        slug="mentor-kai",
        owner=made["county"],
        provider=made["mentors"],
        kind=ServiceKind.MENTOR,
        summary="Kai meets you once a week to do something you like.",
        terms=[made["need"]],
        steps=LADDER,
        criteria=[
            Criterion(
                fact="age",
                operator=CriterionOperator.BETWEEN,
                value=[10, 18],
                sentence="For people aged 10 to 18.",
            )
        ],
        questions=[Question(key="likes", text="What do you like doing?")],
        minimum_age=10,
        maximum_age=18,
        answer_days=3,
        standard_quantity=6,
        **checked,
    )
    _help_at_home(made, checked)
    _for_young_people(made, checked)


def _help_at_home(made: dict[str, Any], checked: dict[str, Any]) -> None:
    made["family_support"] = catalogue.add_service(
        name="Family support at home",
        slug="family-support-at-home",
        owner=made["county"],
        provider=made["lantern"],
        summary="A worker who comes to your home and helps the whole family.",
        steps=LADDER_WITH_ASSESSMENT,
        questions=[
            Question(key="what_to_change", text="What would you most like to be different?"),
            Question(key="likes", text="What do you like doing?", is_required=False),
        ],
        standard_quantity=12,
        **checked,
    )


def _for_young_people(made: dict[str, Any], checked: dict[str, Any]) -> None:
    made["youth_club"] = catalogue.add_service(
        name="Friday night youth club",
        slug="friday-youth-club",
        owner=made["county"],
        provider=made["district"],
        kind=ServiceKind.UNIVERSAL,
        summary="Pool, music, football and toast. Just turn up.",
        steps=(Step.BOOK,),
        minimum_age=11,
        maximum_age=18,
        answer_days=1,
        notice_days=0,
        **checked,
    )
    made["confidential"] = catalogue.add_service(
        name="Talking help for young people",
        slug="talking-help",
        owner=made["nhs"],
        provider=made["trust"],
        summary="Somebody to talk to, and nobody else is told.",
        steps=LADDER_WITH_ASSESSMENT,
        questions=[Question(key="what_to_change", text="What would you most like to change?")],
        is_confidential=True,
        **checked,
    )


def _prices(made: dict[str, Any], day: date) -> None:
    for service, amount_pence, funding, confidence in (
        ("mentor", MENTOR_PENCE, Funding.SPOT_PURCHASE, Confidence.PLACEHOLDER),
        ("family_support", 4_000, Funding.RECHARGE, Confidence.COSTED),
        ("youth_club", 0, Funding.ALREADY_FUNDED, Confidence.AGREED),
        ("confidential", 5_000, Funding.ALREADY_FUNDED, Confidence.ESTIMATED),
    ):
        Price.objects.create(
            service=made[service],
            amount_pence=amount_pence,
            unit=PriceUnit.SESSION,
            funding=funding,
            confidence=confidence,
            price_year="2025/26",
            source="The cast",
            valid_from=day - timedelta(days=400),
        )
