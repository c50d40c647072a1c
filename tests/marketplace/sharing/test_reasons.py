"""Reasons: opened once, replaced where they say something else, closed and stopped."""

import threading
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from marketplace.people.roles import Role
from marketplace.sharing import sharing
from marketplace.sharing.models import Basis, Reason, ReasonKind, Scope
from tests import factories
from tests.cast import Cast

pytestmark = pytest.mark.django_db

SUBJECT = uuid.UUID("11111111-2222-3333-4444-555555555555")


def open_one(cast: Cast, **fields: Any) -> Reason:
    """Open a reason for the county's intake."""
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


@pytest.mark.parametrize("basis", [basis for basis in Basis if basis != Basis.CONSENT])
def test_what_rests_on_the_law_is_not_stopped_and_the_page_says_so(basis: Basis, cast: Cast):
    reason = open_one(cast, basis=basis)
    with pytest.raises(sharing.CannotBeStopped) as refusal:
        sharing.stop(reason=reason, at=cast.at)
    assert str(basis.label) in refusal.value.sentence
    reason.refresh_from_db()
    assert reason.closed_at is None


def test_stopping_twice_changes_nothing(cast: Cast):
    reason = open_one(cast)
    sharing.stop(reason=reason, at=cast.later(hours=1))
    stopped = sharing.stop(reason=reason, at=cast.later(hours=2))
    assert stopped.closed_at == cast.later(hours=1)


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
