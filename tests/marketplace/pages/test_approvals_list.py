"""The list of approvals: overdue first, taken, and several approved at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from marketplace.people.roles import Role
from marketplace.referrals import approvals
from marketplace.referrals.models import Approval, ApprovalState, Rung
from marketplace.sharing import sharing
from marketplace.sharing.models import Basis, ReasonKind, Scope
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages.test_promising import browser, key, read
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once


def asked(cast: Cast, *, count: int = 1) -> list[Approval]:
    """Return requests for approval that Colin may answer."""
    found = []
    for _number in range(count):
        person = factories.person(cast, cast.family)
        referral = factories.referral(cast, person, rung=Rung.HARD_REFERRED)
        found.append(factories.approval(cast, referral, asked_by=str(cast.amira.reference)))
        sharing.open_reason(
            person=person,
            organisation=cast.county,
            role=Role.COMMISSIONER,
            kind=ReasonKind.APPROVAL,
            scope=Scope.SUBJECT,
            basis=Basis.PUBLIC_TASK,
            subject=referral.reference,
            at=cast.at,
        )
    return found


def test_several_are_approved_each_on_her_own_authority(cast_today: Cast) -> None:
    """One goes through; one lacks a yes, and says so in a line of its own."""
    cast = cast_today
    ready = climbing.limited(cast, limit_commission_pence=100)
    good = approvals.ask(referral=ready, by=cast.by(cast.amira), at=cast.at)
    (bad,) = asked(cast)
    ticked = [str(good.reference), str(bad.reference)]
    page = browser(cast.colin).post(
        reverse("commissioner_approvals_several"), key(chosen=ticked, act="approve"), follow=True
    )
    html = page.content.decode()
    assert "Done: 1 of them." in html
    assert html.count('role="alert"') == 1
    states = {one.pk: one.state for one in Approval.objects.all()}
    assert states == {good.pk: ApprovalState.APPROVED, bad.pk: ApprovalState.WAITING}
    assert climbing.again(ready).rung == Rung.COMMISSIONED


def test_approvals_stand_overdue_first_and_are_taken(cast_today: Cast) -> None:
    cast, colin = cast_today, browser(cast_today.colin)
    late, later = asked(cast, count=2)
    Approval.objects.filter(pk=later.pk).update(due_on=cast.day - timedelta(days=9))
    path = reverse("commissioner_approvals")
    page = read(colin, path)
    assert page.index(str(later.reference)) < page.index(str(late.reference))
    assert str(late.reference) not in read(colin, f"{path}?late=yes")
    several = reverse("commissioner_approvals_several")
    colin.post(several, key(chosen=[str(late.reference)], act="take"))
    assert str(later.reference) not in read(colin, f"{path}?whose=mine")
    assert str(late.reference) not in read(colin, f"{path}?whose=nobody")


def test_the_list_of_approvals_takes_as_many_queries_for_many_as_for_one(
    cast_today: Cast, django_assert_max_num_queries: Any
) -> None:
    colin, path = browser(cast_today.colin), reverse("commissioner_approvals")
    asked(cast_today)
    colin.get(path)
    with django_assert_max_num_queries(100) as one:
        colin.get(path)
    asked(cast_today, count=5)
    with django_assert_max_num_queries(len(one)):
        assert colin.get(path).status_code == 200
