"""How the tests of this room negotiate: two signatories, an offer, an answer, two signatures."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from budgets import history
from cms.models import Organisation, Service, Step
from marketplace.authority import pathways
from marketplace.authority.models import CoverKind, Offer, Pathway, Risk, Rule
from marketplace.authority.pathways import CoverTerms, Line, LineAnswer
from marketplace.people.models import Membership
from marketplace.people.roles import Role
from tests import factories
from tests.cast import Cast

STEPS = (Step.CHECK_ELIGIBILITY, Step.COMMISSION)


def signatory(cast: Cast, organisation: Organisation, role: Role = Role.COMMISSIONER) -> Any:
    """Return the actor of somebody who speaks for an organisation, added where nobody does."""
    held = Membership.objects.filter(organisation=organisation, role=role).first()
    user = held.user if held else factories.worker(cast, organisation, role)
    return history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(user.reference),
        organisation=organisation.reference,
    )


def insured(cast: Cast, days: int = 300) -> CoverTerms:
    """Return insurance of a million pounds for some days."""
    return CoverTerms(
        kind=CoverKind.INSURED,
        insurer="Fenwick Mutual (invented)",
        policy_reference="FM-1",
        amount_pence=100_000_000,
        expires_on=cast.day + timedelta(days=days),
    )


def offer(
    cast: Cast,
    *,
    holder: Organisation | None = None,
    steps: Sequence[Step] = STEPS,
    service: Service | None = None,
    at: datetime | None = None,
) -> Pathway:
    """Offer steps on the mentor by the trust's lead professionals, unless told."""
    holder = holder or cast.trust
    (pathway,) = pathways.offer(
        services=[service or cast.mentor],
        holder=holder,
        lines=[Line(role=Role.LEAD_PROFESSIONAL, step=step) for step in steps],
        by=signatory(cast, holder),
        at=at or cast.at,
    )
    return pathway


def lines_of(pathway: Pathway) -> list[Offer]:
    """Return the lines that lie on the table of a cell."""
    version = pathways.on_the_table(pathway=pathway)
    assert version is not None
    return list(version.offers.all())


def answer(
    cast: Cast,
    pathway: Pathway,
    *,
    refuse: Sequence[Step] = (),
    at: datetime | None = None,
    cover: CoverTerms | None = None,
    starts_on: Any = None,
    **said: Any,
) -> Pathway:
    """Answer every line for the county: yes at low risk, unless told."""
    (pathway,) = pathways.answer(
        answers=[
            LineAnswer(
                offer=line.reference,
                accepted=line.step not in refuse,
                **{"risk": Risk.LOW, **said},
            )
            for line in lines_of(pathway)
        ],
        cover=cover or insured(cast),
        starts_on=starts_on,
        by=signatory(cast, cast.county),
        at=at or cast.at,
    )
    return pathway


def sign(
    cast: Cast, pathway: Pathway, *parties: Organisation, at: datetime | None = None
) -> Pathway:
    """Sign for both, or for those named."""
    for party in parties or (pathway.holder, cast.county):
        (pathway,) = pathways.sign(
            pathways=[pathway], party=party, by=signatory(cast, party), at=at or cast.at
        )
    return pathway


def agree(cast: Cast, *, at: datetime | None = None, **fields: Any) -> Pathway:
    """Take a cell all the way: offered, answered and signed by both."""
    wanted = {key: fields.pop(key) for key in ("holder", "steps", "service") if key in fields}
    pathway = offer(cast, at=at, **wanted)
    return sign(cast, answer(cast, pathway, at=at, **fields), at=at)


def rules_of(cast: Cast, pathway: Pathway, days: int = 0) -> list[Rule]:
    """Return what the holder of a cell may do some days from now."""
    return pathways.on_day(
        service=pathway.service, holder=pathway.holder, day=cast.later(days=days).date()
    )
