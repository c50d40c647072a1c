"""An answer that was sent is put right, page by page, until somebody has decided by it."""

import uuid

import pytest
from django.urls import reverse

from marketplace.referrals import referrals
from marketplace.referrals.models import Amendment, Application, Referral, Rung
from tests.cast import Cast
from tests.marketplace.pages.test_advocate_desk import browser
from tests.marketplace.referrals import climbing


def amend_path(referral: Referral) -> str:
    """Return where an application is put right."""
    return reverse("advocate_amend", args=[referral.reference])


@pytest.mark.once
def test_an_answer_is_changed_and_both_sides_read_what_was_there(cast_today: Cast) -> None:
    cast = cast_today
    amira, ingrid, fred = (
        browser(cast.amira),
        browser(cast.ingrid),
        browser(cast.fred_user),
    )
    referral = climbing.climb(cast, to=Rung.APPLIED)
    here = reverse("advocate_referral", args=[referral.reference])
    assert amend_path(referral) in amira.get(here).content.decode()
    assert climbing.ANSWERS["likes"] in amira.get(amend_path(referral)).content.decode()
    sent = {"answer_likes": "Drums.", "why": "He was misheard.", "form_key": str(uuid.uuid4())}
    assert [amira.post(amend_path(referral), sent).status_code for _twice in "12"] == [302, 302]
    assert Amendment.objects.count() == 1
    for client, name in (
        (amira, "advocate_referral"),
        (ingrid, "provider_referral"),
        (fred, "family_referral"),
    ):
        html = client.get(reverse(name, args=[referral.reference])).content.decode()
        assert "“Bikes, and cooking noodles.” became “Drums.”" in html, name
        assert "He was misheard." in html
        assert "Changed what was told" in html


@pytest.mark.once
def test_the_family_changes_it_itself_and_a_decision_ends_that(cast_today: Cast) -> None:
    cast = cast_today
    fred = browser(cast.fred_user)
    referral = climbing.climb(cast, to=Rung.APPLIED)
    path = reverse("family_amend", args=[referral.reference])
    assert path in fred.get(reverse("family_referral", args=[referral.reference])).content.decode()
    same = fred.post(path, {"answer-likes": climbing.ANSWERS["likes"]})
    assert "Nothing is different." in same.content.decode()
    answer = fred.post(path, {"answer-likes": "Drums.", "form_key": str(uuid.uuid4())})
    assert answer["Location"] == reverse("family_referral", args=[referral.reference])
    assert Application.objects.get().answers == {"likes": "Drums."}
    referrals.decide_eligibility(referral=referral, by=cast.by(cast.amira), at=cast.at)
    assert "has made up its mind" in fred.get(path).content.decode()
    late = browser(cast.amira).post(
        amend_path(referral), {"answer_likes": "Cars.", "why": "So.", "form_key": str(uuid.uuid4())}
    )
    assert late.status_code == 422
    assert "has decided by what it was told" in late.content.decode()
    assert Application.objects.get().answers == {"likes": "Drums."}
