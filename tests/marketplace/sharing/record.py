"""Two households' whole record, one row at least of every kind, and what each row is about.

What a row is about is said here by hand, and who may see it in `may_see`: neither asks our code.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.apps import apps
from django.db import models

from budgets import funds, ledger
from budgets.models import (
    Envelope,
    Family,
    FamilyMerge,
    FamilySource,
    Goal,
    Kin,
    Person,
    PersonMerge,
    PersonSource,
    Relationship,
    Responsibility,
)
from cms.models import Step
from marketplace.authority.models import Rule, Use
from marketplace.people.models import Lead, User
from marketplace.people.roles import Role
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import forms

Model = type[models.Model]


@dataclass(frozen=True)
class About:
    """The family, the person (or nobody named), whether it is confidential, and whose alone."""

    family: Family | None
    person: Person | None
    is_confidential: bool = False
    author: User | None = None


def about_families() -> list[Model]:
    """Return every model that is about a family."""
    return [model for model in apps.get_models() if hasattr(model, "FAMILY_PATH")]


def write(cast: Cast) -> None:
    """Write everything that can be about the persons of both households."""
    home = (cast.fred, cast.anne, cast.stacey, cast.jamie, cast.josh)
    for person in home:
        for is_confidential in (False, True):
            _about_one(cast, person, cast.family, is_confidential)
    for is_confidential in (False, True):
        _about_one(cast, cast.olive, cast.neighbours, is_confidential)
    factories.event(cast, None)
    factories.event(cast, None, family=cast.neighbours)
    rule = Rule.objects.filter(step=Step.COMMISSION).earliest("pk")
    for family in (cast.family, cast.neighbours):
        Use.objects.create(lineage=rule.lineage, family=family, year=2026, amount_pence=100)
        # Somebody leads whom no test signs in.
        stranger = factories.user()
        Lead.objects.create(
            family=family, user=stranger, organisation=cast.trust, starts_on=cast.day
        )
    Responsibility.objects.create(
        holder=cast.fred, person=cast.olive, has_parental_responsibility=True, starts_on=cast.day
    )


def _about_one(cast: Cast, person: Person, family: Family, is_confidential: bool) -> None:
    referral = factories.referral(cast, person, family=family, is_confidential=is_confidential)
    booking = factories.booking(cast, referral)
    factories.session(cast, booking)
    forms.amendment(factories.application(referral))
    author = cast.amira if family == cast.family else cast.nadia
    for writer in (author, cast.fred_user):
        forms.draft(cast, person, author=writer, family=family, is_confidential=is_confidential)
    factories.approval(cast, referral)
    factories.ending(cast, referral)
    factories.assessment(cast, referral)
    factories.turned_away(cast, referral)
    factories.enquiry(cast, person, family=family, is_confidential=is_confidential)
    factories.promise(cast, referral)
    factories.pause(cast, referral)
    factories.take(cast, referral)
    factories.step(cast, referral)
    factories.look(cast, person, is_confidential=is_confidential)
    # Nobody of the cast works there.
    factories.reason(
        cast,
        person,
        organisation=cast.nhs,
        role=Role.COMMISSIONER,
        is_confidential=is_confidential,
    )
    Goal.objects.create(
        plan=cast.plan if family == cast.family else cast.neighbours_plan,
        person=person,
        words="To learn to swim.",
        is_confidential=is_confidential,
    )
    safeguard = factories.safeguard(cast, person, is_confidential=is_confidential)
    factories.held_back(cast, safeguard)
    factories.emergency(cast, person)
    factories.call(cast, person, is_confidential=is_confidential, answered=is_confidential)
    _kin(cast, person, family, is_confidential)
    factories.fact_offer(cast, factories.fact(cast, person, is_confidential=is_confidential))
    factories.event(cast, person, family=family, is_confidential=is_confidential)
    asked = factories.rights_request(cast, person, is_confidential=is_confidential)
    factories.redaction(cast, asked)
    factories.legal_hold(cast, person)
    ledger.hold(
        envelope=_envelope(cast, family),
        organisation=cast.mentors,
        amount_pence=2_500,
        key=f"record:{person.pk}:{is_confidential}",
        service=cast.mentor,
        subject=referral.reference,
        person=person,
        is_confidential=is_confidential,
        by=factories.CLOCK,
        at=cast.at,
    )


def _kin(cast: Cast, person: Person, family: Family, is_confidential: bool) -> None:
    """Write how a person is related, under which number she came, and a merge that was undone."""
    other = cast.fred if family == cast.neighbours else cast.olive
    Relationship.objects.create(
        person=person,
        relative=other,
        kind=Kin.CARER if is_confidential else Kin.OTHER,
        is_confidential=is_confidential,
        starts_on=cast.day,
    )
    PersonMerge.objects.create(
        kept=person, gone=other, merged_at=cast.at, merged_by="test", undone_at=cast.at
    )
    number = f"{person.pk}:{is_confidential}"
    PersonSource.objects.create(person=person, source="test", source_id=number)
    FamilySource.objects.create(family=family, source="test", source_id=number)
    FamilyMerge.objects.create(
        kept=family,
        gone=cast.neighbours if family == cast.family else cast.family,
        merged_at=cast.at,
        merged_by="test",
        undone_at=cast.at,
    )


def _envelope(cast: Cast, family: Family) -> Envelope:
    if family == cast.family:
        return Envelope.objects.get(plan=cast.plan, fund=cast.county_fund)
    return funds.allocate(
        fund=cast.county_fund,
        plan=cast.neighbours_plan,
        year=cast.county_fund.year,
        amount_pence=10_000,
        key="record:neighbours",
        by=factories.CLOCK,
        at=cast.at,
    )


def _referral(row: Any) -> About:
    return About(row.family, row.person, row.is_confidential)


def _of_referral(row: Any) -> About:
    return _referral(row.referral)


def _person(row: Any) -> About:
    return About(row.person.members.get().family, row.person)


def _person_row(row: Any) -> About:
    return About(row.person.members.get().family, row.person, row.is_confidential)


def _plan(plan: Any) -> About:
    return About(plan.family, None)


def _envelope_of(envelope: Any) -> About:
    return _plan(envelope.plan) if envelope else About(None, None)


ABOUT: dict[str, Callable[[Any], About]] = {
    "bookings.Booking": _of_referral,
    "bookings.Session": lambda row: _of_referral(row.booking),
    "referrals.Amendment": lambda row: _of_referral(row.application),
    "referrals.Application": _of_referral,
    "referrals.Approval": _of_referral,
    "referrals.Pause": _of_referral,
    # Confidential or not: she typed it.
    "referrals.Assessment": _of_referral,
    "referrals.TurnedAway": lambda row: About(row.family, row.person, row.is_confidential),
    "referrals.Draft": lambda row: About(row.family, row.person, row.is_confidential, row.author),
    "referrals.Ending": _of_referral,
    "referrals.Enquiry": _referral,
    "referrals.Promise": _of_referral,
    "referrals.Take": _of_referral,
    "referrals.Referral": _referral,
    "referrals.StepTaken": _of_referral,
    "rights.LegalHold": _person,
    "rights.Redaction": lambda row: _person(row.request),
    "rights.RightsRequest": _person_row,
    "sharing.Consent": _person_row,
    "sharing.Fact": _person_row,
    "sharing.FactOffer": lambda row: _person_row(row.fact),
    "sharing.Call": _person_row,
    "sharing.Emergency": _person,
    "sharing.HeldBack": lambda row: _person_row(row.safeguard),
    "sharing.Look": _person_row,
    "sharing.Reason": _person_row,
    "sharing.Safeguard": _person_row,
    "authority.Use": lambda row: About(row.family, None),
    "people.Appointment": _person,
    "people.Lead": lambda row: About(row.family, None),
    "budgets.Family": lambda row: About(row, None),
    "budgets.Person": lambda row: About(row.members.get().family, row),
    "budgets.Member": lambda row: About(row.family, row.person),
    "budgets.Responsibility": _person,
    "budgets.Relationship": _person_row,
    "budgets.PersonMerge": lambda row: About(row.kept.members.get().family, row.kept),
    "budgets.PersonSource": _person,
    "budgets.FamilyMerge": lambda row: About(row.kept, None),
    "budgets.FamilySource": lambda row: About(row.family, None),
    "budgets.Plan": _plan,
    "budgets.Goal": lambda row: About(row.plan.family, row.person, row.is_confidential),
    "budgets.Envelope": _envelope_of,
    "budgets.Account": lambda row: _envelope_of(row.envelope),
    "budgets.Event": lambda row: About(row.family, row.person, row.is_confidential),
    "budgets.EventText": lambda row: About(
        row.event.family, row.event.person, row.event.is_confidential
    ),
    "budgets.Transfer": lambda row: About(
        row.envelope.plan.family if row.envelope else None, row.person, row.is_confidential
    ),
}

HERSELF_ONLY = {
    "sharing.Consent",
    "sharing.Fact",
    "sharing.FactOffer",
    "sharing.Emergency",
    "sharing.Look",
    "people.Appointment",
    "budgets.PersonSource",
    "rights.RightsRequest",
    "rights.LegalHold",
    "referrals.Enquiry",
}
NOBODY = {"authority.Use", "sharing.HeldBack", "rights.Redaction", "budgets.FamilySource"}

HOUSEHOLD = {"fred_user": "fred", "anne_user": "anne", "stacey_user": "stacey"} | {
    "jamie_user": "jamie"
}
ADVOCATE_OF = {"amira": ("fred", "anne", "jamie", "josh"), "nadia": ("olive",)}
DECIDES_FOR = {"fred_user": ("jamie", "josh")}


def may_see(cast: Cast, name: str, label: str, about: About) -> bool:
    """Tell whether somebody of the cast may see a row, as long as no reason is open for her."""
    if label in NOBODY or (about.family is None and about.person is None):
        return False
    user: User = getattr(cast, name)
    if about.author is not None:
        if about.author != user:
            return False
        about = replace(about, author=None, is_confidential=False)
    persons = [getattr(cast, who) for who in ADVOCATE_OF.get(name, ())]
    if about.person is not None and about.person.pk == user.person_id:
        return True
    if about.person is not None and about.person in persons:
        return True  # advocates of the cast are all confidantes
    if label in HERSELF_ONLY:
        children = [getattr(cast, who) for who in DECIDES_FOR.get(name, ())]
        return about.person in children and not about.is_confidential
    if about.is_confidential:
        return False
    if about.person is None:
        return about.family in _families(cast, name)
    return name in (*HOUSEHOLD, "olive_user") and about.family in _families(cast, name)


def _families(cast: Cast, name: str) -> list[Family]:
    if name in (*HOUSEHOLD, "amira"):
        return [cast.family]
    return [cast.neighbours] if name in ("olive_user", "nadia") else []
