"""Agreements: signed by both, each for itself; suspended, resumed, ended; everything on record."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from budgets import history
from cms.models import Organisation, Step
from marketplace.authority import agreements
from marketplace.authority.models import Agreement, AgreementState, CoverKind, Rule
from marketplace.people.models import Membership
from marketplace.people.roles import Role
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK

pytestmark = pytest.mark.django_db


def propose(cast: Cast, **fields: Any) -> Agreement:
    """Propose an agreement between county and trust."""
    return agreements.propose(
        **{
            "owner": cast.county,
            "holder": cast.trust,
            "valid_from": cast.day,
            "valid_to": None,
            "by": CLOCK,
            "at": cast.at,
            **fields,
        }
    )


def signatory(cast: Cast, organisation: Organisation) -> history.Actor:
    """Return a commissioner of an organisation."""
    user = factories.worker(cast, organisation, Role.COMMISSIONER)
    return history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(user.reference),
        organisation=organisation.reference,
    )


def test_it_is_in_force_once_both_have_signed(cast: Cast):
    agreement = propose(cast)
    agreement = agreements.sign(
        agreement=agreement, party=cast.trust, by=signatory(cast, cast.trust), at=cast.at
    )
    assert agreement.state == AgreementState.PROPOSED
    agreement = agreements.sign(
        agreement=agreement, party=cast.county, by=cast.by(cast.colin), at=cast.at
    )
    assert agreement.state == AgreementState.SIGNED
    assert [event.verb for event in history.of(agreement.reference)] == [
        "proposed",
        "signed",
        "signed",
    ]


def test_an_agreement_with_families_needs_the_owner_only(cast: Cast):
    agreement = propose(cast, holder=None)
    signed = agreements.sign(agreement=agreement, party=cast.county, by=CLOCK, at=cast.at)
    assert signed.state == AgreementState.SIGNED


def test_nobody_signs_for_others(cast: Cast):
    agreement = propose(cast)
    for party, user in (
        (cast.police, cast.sam),
        (cast.trust, cast.colin),
        (cast.county, cast.amira),
        (cast.county, cast.fred_user),
        (cast.trust, cast.ruth),
        (cast.county, cast.ingrid),
    ):
        with pytest.raises(agreements.NotAParty):
            agreements.sign(agreement=agreement, party=party, by=cast.by(user), at=cast.at)
    agreement.refresh_from_db()
    assert agreement.owner_signed_at is None
    assert agreement.holder_signed_at is None


def test_signing_what_is_signed_changes_nothing(cast: Cast):
    before = cast.agreement.owner_signed_at
    agreements.sign(agreement=cast.agreement, party=cast.county, by=CLOCK, at=cast.later(days=1))
    cast.agreement.refresh_from_db()
    assert cast.agreement.owner_signed_at == before


@pytest.mark.parametrize("stop", [agreements.suspend, agreements.end])
def test_what_was_stopped_is_not_signed_into_force_again(stop: Any, cast: Cast):
    stop(agreement=cast.agreement, by=CLOCK, at=cast.at)
    with pytest.raises(agreements.NotNow):
        agreements.sign(agreement=cast.agreement, party=cast.county, by=CLOCK, at=cast.at)


def test_what_ended_stays_ended(cast: Cast):
    agreements.end(agreement=cast.agreement, by=CLOCK, at=cast.at)
    for act in (agreements.suspend, agreements.resume, agreements.end):
        with pytest.raises(agreements.NotNow):
            act(agreement=cast.agreement, by=CLOCK, at=cast.at)


def test_what_nobody_signed_cannot_be_suspended(cast: Cast):
    with pytest.raises(agreements.NotNow):
        agreements.suspend(agreement=propose(cast), by=CLOCK, at=cast.at)


def test_rules_are_about_the_owners_services(cast: Cast):
    with pytest.raises(agreements.NotTheirs):
        agreements.add_rules(
            agreement=propose(cast),
            role=Role.ADVOCATE,
            steps=[Step.ASSESS],
            service=cast.confidential,
            valid_from=cast.day,
        )


def test_rules_rest_on_the_same_agreements_cover(cast: Cast):
    other = propose(cast)
    cover = agreements.add_cover(agreement=other, kind=CoverKind.OWNER, valid_from=cast.day)
    with pytest.raises(agreements.NotTheirs):
        agreements.add_rules(
            agreement=propose(cast),
            role=Role.ADVOCATE,
            steps=[Step.ASSESS],
            service=cast.mentor,
            cover=cover,
            valid_from=cast.day,
        )


def test_only_the_rule_for_commissioning_has_limits(cast: Cast):
    found = Rule.objects.filter(agreement=cast.agreement, service=cast.mentor)
    limited = {rule.step for rule in found if rule.limit_commission_pence is not None}
    assert limited == {Step.COMMISSION}


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "signed", "owner_signed_at": None},
        {"state": "signed", "holder_signed_at": None},
        {"valid_to": "2020-01-01"},
    ],
)
def test_the_database_refuses_what_cannot_be(changes: dict[str, Any], cast: Cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=cast.agreement.pk).update(**changes)


def test_insured_cover_says_by_whom_until_when_and_how_much(cast: Cast):
    agreement = propose(cast)
    for missing in ("insurer", "amount_pence", "valid_to"):
        said: dict[str, Any] = {
            "insurer": "Fenwick Mutual",
            "amount_pence": 1,
            "valid_to": cast.later(days=9).date(),
        }
        del said[missing]
        with pytest.raises(IntegrityError), transaction.atomic():
            agreements.add_cover(
                agreement=agreement, kind=CoverKind.INSURED, valid_from=cast.day, **said
            )


def test_an_import_may_sign_for_both(cast: Cast):
    agreement = propose(cast)
    by = replace(CLOCK, kind=history.ActorKind.IMPORT)
    for party in (cast.county, cast.trust):
        agreement = agreements.sign(agreement=agreement, party=party, by=by, at=cast.at)
    assert agreement.state == AgreementState.SIGNED


def test_one_person_does_not_sign_for_both_sides(cast: Cast):
    """Who speaks for both organisations agrees with herself only."""
    agreement = agreements.propose(
        owner=cast.county, holder=cast.trust, valid_from=cast.day, valid_to=None,
        by=cast.by(cast.colin), at=cast.at,
    )  # fmt: skip
    Membership.objects.create(
        user=cast.colin, organisation=cast.trust, role=Role.COMMISSIONER, starts_on=cast.day
    )
    given: dict[str, Any] = {"agreement": agreement, "at": cast.at}
    there = replace(cast.by(cast.colin), organisation=cast.trust.reference)
    agreements.sign(party=cast.county, by=cast.by(cast.colin), **given)
    with pytest.raises(agreements.NotAParty):
        agreements.sign(party=cast.trust, by=there, **given)
    assert not Agreement.objects.get(pk=agreement.pk).is_signed_by_both
