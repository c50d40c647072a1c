"""Reasons: opened once, replaced where they say something else, closed and stopped."""

import threading
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from budgets import history
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.sharing import sharing
from marketplace.sharing.models import Basis, Consent, Reason, ReasonKind, Scope
from tests import factories
from tests.cast import Cast
from tests.factories import CLOCK

pytestmark = pytest.mark.django_db

SUBJECT = uuid.UUID("11111111-2222-3333-4444-555555555555")


def yes(cast: Cast, **fields: Any) -> Consent:
    """Return the yes that somebody said to what is opened."""
    return factories.consent(
        cast,
        fields.get("person", cast.jamie),
        subject=fields.get("subject", SUBJECT),
        is_confidential=fields.get("is_confidential", False),
    )


def open_one(cast: Cast, **fields: Any) -> Reason:
    """Open a reason for the county's intake, on a yes where nothing else is said."""
    if fields.get("basis", Basis.CONSENT) == Basis.CONSENT:
        fields.setdefault("consent", yes(cast, **fields))
    return sharing.open_reason(
        **{
            "person": cast.jamie,
            "organisation": cast.county,
            "role": Role.INTAKE_WORKER,
            "kind": ReasonKind.REFERRAL,
            "scope": Scope.SUBJECT,
            "basis": Basis.CONSENT,
            "subject": SUBJECT,
            "at": cast.at,
            **fields,
        }
    )


def test_opening_twice_opens_once(cast: Cast):
    assert open_one(cast) == open_one(cast, at=cast.later(hours=1))
    assert Reason.objects.get().opened_at == cast.at


def test_what_says_something_else_replaces_what_was_open(cast: Cast):
    before = open_one(cast)
    after = open_one(cast, scope=Scope.RECORD, at=cast.later(hours=1))
    before.refresh_from_db()
    assert before.closed_at == after.opened_at == cast.later(hours=1)
    assert list(Reason.objects.live(cast.later(hours=1))) == [after]


def test_two_users_of_one_organisation_have_a_reason_each(cast: Cast):
    for user in (cast.colin, cast.helena):
        open_one(cast, user=user, role="")
    assert Reason.objects.count() == 2


def test_closing_closes_one_subjects_reasons_of_one_kind_or_all(cast: Cast):
    open_one(cast)
    open_one(cast, role=Role.COMMISSIONER, kind=ReasonKind.APPROVAL)
    other = open_one(cast, subject=uuid.uuid4())
    assert sharing.close_reasons(subject=SUBJECT, kind=ReasonKind.APPROVAL, at=cast.at) == 1
    assert sharing.close_reasons(subject=SUBJECT, at=cast.at) == 1
    assert sharing.close_reasons(subject=SUBJECT, at=cast.at) == 0
    assert list(Reason.objects.live(cast.later(hours=1))) == [other]


def stop(cast: Cast, reason: Reason, user: User, hours: float = 1) -> Reason:
    """Stop a reason some hours later."""
    return sharing.stop(reason=reason, by=cast.by(user), at=cast.later(hours=hours))


@pytest.mark.parametrize("basis", [basis for basis in Basis if basis != Basis.CONSENT])
def test_what_rests_on_the_law_is_not_stopped_and_the_page_says_so(basis: Basis, cast: Cast):
    reason = open_one(cast, basis=basis)
    with pytest.raises(sharing.CannotBeStopped) as refusal:
        stop(cast, reason, cast.fred_user)
    assert str(basis.label) in refusal.value.sentence
    reason.refresh_from_db()
    assert reason.closed_at is None


def test_stopping_twice_changes_nothing_and_is_on_record_once(cast: Cast):
    reason = open_one(cast)
    stop(cast, reason, cast.fred_user, hours=1)
    assert stop(cast, reason, cast.fred_user, hours=2).closed_at == cast.later(hours=1)
    (event,) = history.of(reason.reference)
    assert (event.verb, event.actor_reference) == ("stopped", str(cast.fred_user.reference))


def test_whose_yes_it_is_takes_it_back_and_nobody_else(cast: Cast):
    """Jamie himself, Fred who decides for him, Amira who acts for him."""
    reason = open_one(cast)
    for user in (cast.anne_user, cast.stacey_user, cast.ingrid, cast.nadia, cast.olive_user):
        with pytest.raises(sharing.NotTheirs):
            stop(cast, reason, user)
    with pytest.raises(sharing.NotTheirs):
        sharing.stop(reason=reason, by=CLOCK, at=cast.at)
    for user in (cast.jamie_user, cast.fred_user, cast.amira):
        assert stop(cast, open_one(cast, subject=uuid.uuid4()), user).closed_at is not None
    reason.refresh_from_db()
    assert reason.closed_at is None


def test_what_is_confidential_is_not_stopped_by_who_must_not_know_of_it(cast: Cast):
    reason = open_one(cast, is_confidential=True)
    with pytest.raises(sharing.NotTheirs):
        stop(cast, reason, cast.fred_user)
    assert stop(cast, reason, cast.amira).closed_at is not None
    assert history.of(reason.reference).get().is_confidential


@pytest.mark.parametrize(
    "changes", [{"organisation": None}, {"role": ""}, {"closed_at": "2020-01-01T00:00Z"}]
)
def test_the_database_refuses_what_cannot_be(changes: dict[str, Any], cast: Cast):
    reason = open_one(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reason.objects.filter(pk=reason.pk).update(**changes)


@pytest.mark.django_db(transaction=True)
def test_of_four_that_open_at_once_one_opens(cast: Cast):
    gate = threading.Barrier(4)
    found: list[int] = []

    def run() -> None:
        gate.wait()
        try:
            found.append(open_one(cast).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert Reason.objects.count() == 1


def test_a_reason_of_the_cast_is_live_from_the_moment_it_opens(cast: Cast):
    reason = factories.reason(cast, cast.jamie, opened_at=cast.at)
    assert list(Reason.objects.live(cast.at)) == [reason]
