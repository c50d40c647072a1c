"""Something of the catalogue to open: what the table of addresses is about there."""

import uuid
from typing import Any

from cms import catalogue
from cms.models import ReaderProblem, TermTaxonomy
from marketplace.notices import links, problems
from marketplace.openreferral import standard
from marketplace.referrals import price_proposals
from pricing import prices
from pricing.models import Confidence, Funding, PriceUnit
from tests.cast import Cast


def of(cast: Cast) -> dict[str, Any]:
    """Return the references of all of it, by what the table calls them."""
    return {**_kept_good(cast), **_priced(cast), **_fed(cast)}


def _fed(cast: Cast) -> dict[str, Any]:
    """A service of the feed, at a place and mapped to a term."""
    place = catalogue.add_place(organisation=cast.district, name="Church Hall")
    term = catalogue.add_term(taxonomy=TermTaxonomy.NEED, name="Good company")
    club = cast.youth_club
    catalogue.put(club, "places", [place])
    catalogue.put(club, "terms", [term])
    catalogue.update(service=club)
    return {
        "feed_service": club.reference,
        "feed_at_location": standard.at_location(club.reference, place.reference),
        "feed_organization": cast.district.reference,
        "feed_taxonomy": standard.taxonomy_ids()[TermTaxonomy.NEED],
        "feed_term": term.reference,
    }


def _priced(cast: Cast) -> dict[str, Any]:
    """A price of the mentor's that is planned, and one that Dev asks for."""
    later = cast.later(days=40).date()
    planned = prices.set_price(
        service=cast.mentor,
        amount_pence=2_700,
        unit=PriceUnit.SESSION,
        funding=Funding.SPOT_PURCHASE,
        confidence=Confidence.AGREED,
        price_year="2026/27",
        source="The next contract",
        valid_from=later,
        by=str(cast.colin.reference),
        at=cast.at,
    )
    asked = price_proposals.propose(
        service=cast.mentor,
        amount_pence=2_900,
        unit=PriceUnit.SESSION,
        price_year="2026/27",
        valid_from=later,
        reason="Fares have gone up.",
        by=cast.by(cast.dev),
        at=cast.at,
    )
    return {"planned_price": planned.reference, "asked_price": asked.reference}


def _kept_good(cast: Cast) -> dict[str, Any]:
    """What a reader found wrong with an entry, and a link by which Dev says that it is right."""
    problem = problems.report(
        service=cast.mentor, code=ReaderProblem.TIMES, words="", key=uuid.uuid4(), at=cast.at
    )
    return {
        "problem": problem.reference,
        "check_token": links.token(service=cast.mentor, reader=cast.dev, on=cast.day),
    }
