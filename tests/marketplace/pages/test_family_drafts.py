"""A family's form is kept as it is filled in, and found again until it is asked for."""

from typing import Any

import pytest
from django.urls import reverse

from marketplace.referrals.models import Draft, Referral, Rung
from tests.cast import Cast
from tests.marketplace.pages.test_family_sitting import ask, ask_path, browser

pytestmark = pytest.mark.once


def home(client: Any) -> str:
    """Read the front page."""
    return str(client.get(reverse("family_home")).content.decode())


def test_what_was_typed_is_saved_and_found_on_another_device(cast_today: Cast) -> None:
    cast = cast_today
    phone, tablet = browser(cast.fred_user), browser(cast.fred_user)
    kept = ask(cast, phone, act="keep", **{"answer-likes": "Bik"})
    assert "Nothing is sent until you ask." in kept.content.decode()
    later = ask(cast, phone, act="later", **{"answer-likes": "Bikes and", "instead_of": "a club"})
    assert later["Location"] == reverse("family_home")
    draft = Draft.objects.get()
    assert (draft.why["instead_of"], draft.answers["answer-likes"]) == ("a club", "Bikes and")
    assert Referral.objects.count() == 0

    html = home(tablet)
    assert "You started to ask for this" in html
    assert f"{reverse('family_ask', args=[cast.mentor.slug])}?for={cast.jamie.reference}" in html
    page = tablet.get(ask_path(cast)).content.decode()
    assert "Bikes and" in page
    assert 'value="a club"' in page


def test_asked_for_it_is_not_waiting_any_more(cast_today: Cast) -> None:
    cast = cast_today
    fred = browser(cast.fred_user)
    ask(cast, fred, act="keep")
    assert ask(cast, fred).status_code == 302
    draft = Draft.objects.get()
    assert draft.is_sent
    assert (draft.why, draft.answers) == ({}, {})
    assert draft.referrals.get().rung == Rung.HARD_REFERRED
    assert "You started to ask for this" not in home(fred)


def test_it_is_thrown_away_at_one_tap(cast_today: Cast) -> None:
    cast = cast_today
    fred = browser(cast.fred_user)
    ask(cast, fred, act="keep")
    for _twice in range(2):
        assert ask(cast, fred, act="discard")["Location"] == reverse("family_choose")
    assert Draft.objects.get().discarded_at is not None
    assert "Throw it away" not in fred.get(ask_path(cast)).content.decode()


def test_nobody_else_at_home_sees_it(cast_today: Cast) -> None:
    cast = cast_today
    ask(cast, browser(cast.fred_user), act="keep", **{"answer-likes": "Only bikes"})
    for user in (cast.jamie_user, cast.anne_user):
        client = browser(user)
        assert "You started to ask for this" not in home(client)
        assert "Only bikes" not in client.get(ask_path(cast)).content.decode()
