"""A yes: who may say it, to what, until when; and taken back with all that rests on it."""

import itertools
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Q

from budgets import history
from budgets.models import Account, Event, Family, Plan
from marketplace.people.roles import Role
from marketplace.referrals.models import Referral
from marketplace.sharing import consents, grounds, sharing
from marketplace.sharing.models import (
    Basis,
    Consent,
    ConsentHow,
    Fact,
    Information,
    Purpose,
    Reason,
    ReasonKind,
    Safeguard,
    Scope,
)
from tests import factories
from tests.cast import Cast

pytestmark = pytest.mark.django_db

EVERYTHING = tuple(Information)


def share(cast: Cast, **fields: Any) -> Consent:
    """Let the police's lead know everything about Jamie for a year, as Fred says signed in."""
    said: dict[str, Any] = {
        "person": cast.jamie,
        "given_by": cast.fred,
        "how": ConsentHow.SIGNED_IN,
        "recipients": [consents.Recipient(cast.police, Role.LEAD_PROFESSIONAL)],
        "opens": EVERYTHING,
        "purpose": Purpose.PLAN,
        "words": "The police may see Jamie's plan.",
        "ends_at": cast.later(days=365),
        "by": cast.by(cast.fred_user),
        "at": cast.at,
    }
    return consents.give(**{**said, **fields})


def test_a_yes_opens_what_it_says_to_whom_it_says_until_its_end(cast: Cast):
    given = share(cast)
    (reason,) = given.reasons.all()
    assert (reason.basis, reason.purpose, reason.scope) == ("consent", "plan", "record")
    assert sharing.visible(Plan.objects.all(), user=cast.sam, at=cast.at).get() == cast.plan
    assert not sharing.visible(Plan.objects.all(), user=cast.sam, at=cast.later(days=365))
    assert not reason.is_live(cast.later(days=365))
    assert not sharing.visible(Plan.objects.all(), user=cast.ingrid, at=cast.at)


def rows_of(cast: Cast) -> dict[Information, Any]:
    """Return one thing of each kind about Jamie or his household."""
    factories.referral(cast, cast.jamie)
    factories.fact(cast, cast.jamie)
    factories.safeguard(cast, cast.jamie, is_confidential=False)
    return {
        Information.HOUSEHOLD: Family.objects.filter(pk=cast.family.pk),
        Information.PLAN: Plan.objects.filter(pk=cast.plan.pk),
        Information.MONEY: Account.objects.filter(envelope__plan=cast.plan),
        Information.SUPPORT: Referral.objects.filter(person=cast.jamie),
        Information.FACTS: Fact.objects.filter(person=cast.jamie),
        Information.SAFETY: Safeguard.objects.filter(person=cast.jamie),
    }


@pytest.mark.parametrize("kind", Information)
def test_one_kind_of_information_opens_no_other(kind: Information, cast: Cast):
    rows = rows_of(cast)
    share(cast, opens=[kind])
    seen = {
        each for each, found in rows.items() if sharing.visible(found, user=cast.sam, at=cast.at)
    }
    assert seen == {kind}


HISTORIES = {
    "family": Information.HOUSEHOLD,
    "plan": Information.PLAN,
    "fund": Information.MONEY,
    "referral": Information.SUPPORT,
    "fact": Information.FACTS,
    "safeguard": Information.SAFETY,
    "anything_else": None,
}


def test_history_is_opened_by_what_it_tells_of_and_what_nobody_named_by_all(cast: Cast):
    before = set(Event.objects.values_list("pk", flat=True))
    for subject_kind in HISTORIES:
        factories.event(cast, cast.jamie, subject_kind=subject_kind)
    for kind in Information:
        given = share(cast, opens=[kind])
        seen = sharing.visible(Event.objects.exclude(pk__in=before), user=cast.sam, at=cast.at)
        named = {event.subject_kind for event in seen} & set(HISTORIES)
        assert named == {name for name, told in HISTORIES.items() if told == kind}
        consents.withdraw(consent=given, by=cast.by(cast.fred_user), at=cast.at)
    share(cast, at=cast.later(hours=1))
    seen = sharing.visible(
        Event.objects.filter(person=cast.jamie), user=cast.sam, at=cast.later(hours=1)
    )
    assert set(HISTORIES) <= {event.subject_kind for event in seen}


def test_only_who_decides_says_yes_herself_and_only_her_advocate_takes_it_down(cast: Cast):
    told: dict[str, Any] = {"how": ConsentHow.TOLD_ADVOCATE, "told_on": cast.day}
    refused: list[dict[str, Any]] = [
        {"by": cast.by(cast.anne_user), "given_by": cast.anne},  # she does not decide for Jamie
        {"by": cast.by(cast.jamie_user), "given_by": cast.jamie},  # nor does he yet
        {"by": cast.by(cast.anne_user)},  # in Fred's name
        {"by": cast.by(cast.ingrid), **told},
        {"by": cast.by(cast.nadia), **told},
        {"by": cast.by(cast.amira)},  # as if she were Fred
        {"by": factories.CLOCK},
        {"person": cast.stacey},  # she decides alone
    ]
    for changes in refused:
        with pytest.raises(consents.NotTheirs):
            share(cast, **changes)
    assert not Consent.objects.exists()
    assert not Reason.objects.exists()
    given = share(cast, by=cast.by(cast.amira), **told)
    assert (given.told_to, given.told_on, given.given_by) == (cast.amira, cast.day, cast.fred)


def test_a_yes_says_who_what_and_a_day_to_come(cast: Cast):
    nobody = consents.Recipient(cast.police, Role.FINANCE)
    told: dict[str, Any] = {"how": ConsentHow.TOLD_ADVOCATE, "by": cast.by(cast.amira)}
    refusals: tuple[tuple[dict[str, Any], type[history.Refused]], ...] = (
        ({"recipients": []}, consents.NothingToShare),
        ({"opens": []}, consents.NothingToShare),
        ({"words": " "}, consents.NothingToShare),
        ({"recipients": [nobody]}, consents.NobodyThere),
        ({"ends_at": cast.at}, consents.WrongDay),
        ({**told, "told_on": None}, consents.WrongDay),
        ({**told, "told_on": cast.day + timedelta(days=1)}, consents.WrongDay),
    )
    for changes, refusal in refusals:
        with pytest.raises(refusal):
            share(cast, **changes)
    assert not Consent.objects.exists()


def test_taking_it_back_closes_all_that_rests_on_it_and_is_on_record_once(cast: Cast):
    both = [
        consents.Recipient(cast.police, Role.LEAD_PROFESSIONAL),
        consents.Recipient(cast.county, Role.INTAKE_WORKER),
    ]
    given, other = share(cast, recipients=both), share(cast)
    later = cast.later(hours=1)
    withdrawn = consents.withdraw(consent=given, by=cast.by(cast.amira), at=later)
    assert (withdrawn.withdrawn_at, withdrawn.withdrawn_by) == (later, str(cast.amira.reference))
    assert list(Reason.objects.live(later)) == list(other.reasons.all())
    again = consents.withdraw(consent=given, by=cast.by(cast.fred_user), at=cast.later(hours=2))
    assert again.withdrawn_at == later
    assert [event.verb for event in history.of(given.reference)] == ["given", "withdrawn"]


def test_nobody_elses_yes_is_taken_back(cast: Cast):
    given = share(cast)
    for user in (cast.anne_user, cast.stacey_user, cast.olive_user, cast.sam, cast.nadia):
        with pytest.raises(consents.NotTheirs):
            consents.withdraw(consent=given, by=cast.by(user), at=cast.at)
    assert given.reasons.get().is_live(cast.at)


def test_a_yes_goes_with_the_last_that_rested_on_it(cast: Cast):
    both = [
        consents.Recipient(cast.police, Role.LEAD_PROFESSIONAL),
        consents.Recipient(cast.county, Role.INTAKE_WORKER),
    ]
    given, by = share(cast, recipients=both), cast.by(cast.fred_user)
    first, last = given.reasons.order_by("pk")
    sharing.stop(reason=first, by=by, at=cast.later(hours=1))
    assert Consent.objects.standing(cast.later(hours=1)).filter(pk=given.pk).exists()
    sharing.stop(reason=last, by=by, at=cast.later(hours=2))
    assert Consent.objects.get(pk=given.pk).withdrawn_at == cast.later(hours=2)


def test_without_a_yes_nothing_is_opened_on_one(cast: Cast):
    given = share(cast)
    consents.withdraw(consent=given, by=cast.by(cast.fred_user), at=cast.at)
    ended = share(cast, ends_at=cast.later(hours=1))
    about_anne = factories.consent(cast, cast.anne)
    for consent in (None, given, ended, about_anne):
        with pytest.raises(sharing.NoYes):
            sharing.open_reason(
                person=cast.jamie,
                organisation=cast.police,
                role=Role.LEAD_PROFESSIONAL,
                kind=ReasonKind.SHARED,
                scope=Scope.RECORD,
                basis=Basis.CONSENT,
                subject=uuid.uuid4(),
                consent=consent,
                at=cast.later(hours=2),
            )


def asked(cast: Cast, subject: uuid.UUID, user: Any, **fields: Any) -> Consent:
    """Ask for something about Jamie."""
    return consents.asked(
        **{
            "person": cast.jamie,
            "subject": subject,
            "purpose": Purpose.ASK,
            "words": "They may know what I ask for.",
            "is_confidential": False,
            "by": cast.by(user),
            "at": cast.at,
            **fields,
        }
    )


def test_asking_is_a_yes_and_who_asked_says_how_it_came(cast: Cast):
    for user, giver, how in (
        (cast.jamie_user, cast.jamie, ConsentHow.SIGNED_IN),
        (cast.fred_user, cast.fred, ConsentHow.SIGNED_IN),
        (cast.amira, cast.fred, ConsentHow.TOLD_ADVOCATE),
        (cast.sam, cast.fred, ConsentHow.TOLD_WORKER),
    ):
        subject = uuid.uuid4()
        said = asked(cast, subject, user)
        assert (said.given_by, said.how) == (giver, how)
        assert asked(cast, subject, cast.sam) == said


def test_what_was_taken_back_is_only_said_again_by_who_may_say_it(cast: Cast):
    subject = uuid.uuid4()
    said = asked(cast, subject, cast.fred_user)
    consents.withdraw(consent=said, by=cast.by(cast.fred_user), at=cast.at)
    later = cast.later(hours=1)
    for user in (cast.sam, cast.ingrid, cast.anne_user):
        with pytest.raises(sharing.NoYes):
            asked(cast, subject, user, at=later)
    with pytest.raises(sharing.NoYes):
        asked(cast, subject, cast.sam, by=factories.CLOCK, at=later)
    assert asked(cast, subject, cast.amira, at=later) != said


def test_a_reason_at_its_end_is_closed_there_when_it_is_opened_again(cast: Cast):
    end = cast.later(hours=1)
    opened: dict[str, Any] = {
        "person": cast.jamie,
        "organisation": cast.police,
        "role": Role.LEAD_PROFESSIONAL,
        "kind": ReasonKind.REFERRAL,
        "scope": Scope.RECORD,
        "basis": Basis.PUBLIC_TASK,
        "subject": uuid.uuid4(),
        "ends_at": end,
    }
    first = sharing.open_reason(**opened, at=cast.at)
    assert sharing.open_reason(**opened, at=cast.at) == first
    second = sharing.open_reason(**{**opened, "ends_at": None}, at=cast.later(hours=3))
    first.refresh_from_db()
    assert (first.closed_at, second.opened_at) == (end, cast.later(hours=3))


BROKEN_CONSENTS: tuple[dict[str, Any], ...] = (
    {"how": "guessed"},
    {"how": ConsentHow.ON_PAPER},
    {"words": ""},
    {"purpose": "curiosity"},
    {"ends_at": "2020-01-01T00:00Z"},
    {"withdrawn_by": "somebody"},
    {"withdrawn_at": "2020-01-01T00:00Z", "withdrawn_by": "somebody"},
)
BROKEN_REASONS: tuple[dict[str, Any], ...] = (
    {"consent": None},
    {"basis": Basis.PUBLIC_TASK},
    {"purpose": ""},
    {"ends_at": "2020-01-01T00:00Z"},
)


def test_the_database_refuses_what_cannot_be(cast: Cast):
    given = share(cast)
    changes = itertools.chain(
        ((Consent.objects.filter(pk=given.pk), each) for each in BROKEN_CONSENTS),
        ((Reason.objects.filter(consent=given), each) for each in BROKEN_REASONS),
    )
    for rows, each in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**each)


# The twins.


def test_without_the_kinds_everything_would_be_open(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(grounds, "_kinds", lambda path: [({}, Q())])
    with pytest.raises(AssertionError):
        test_one_kind_of_information_opens_no_other(Information.PLAN, cast)


def test_without_its_end_a_sharing_would_go_on(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        type(Reason.objects.all()),
        "live",
        lambda rows, at: rows.filter(closed_at=None, opened_at__lte=at),
    )
    with pytest.raises(AssertionError):
        test_a_yes_opens_what_it_says_to_whom_it_says_until_its_end(cast)


def test_a_withdrawal_that_forgets_one_is_noticed(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    real = consents.resting_on
    monkeypatch.setattr(consents, "resting_on", lambda consent, at: list(real(consent, at=at))[1:])
    with pytest.raises(AssertionError):
        test_taking_it_back_closes_all_that_rests_on_it_and_is_on_record_once(cast)
