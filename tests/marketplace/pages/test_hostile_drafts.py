"""Whatever is typed into an unsent form is kept as text, and no more of it than any field takes."""

import pytest

from marketplace.pages.advocate import questions
from marketplace.referrals.models import Draft
from tests.cast import Cast
from tests.marketplace.pages.test_advocate_desk import browser
from tests.marketplace.pages.test_advocate_drafts import start, step
from tests.marketplace.pages.test_family_sitting import ask

pytestmark = pytest.mark.once

HUGE, TAGS = "x" * 300_000, "<script>alert(1)"


def test_hostile_text_is_kept_as_text(cast_today: Cast) -> None:
    amira = browser(cast_today.amira)
    draft = start(cast_today, amira)
    sent = {"answer_likes": HUGE, "answer_what_to_change": TAGS, "act": "keep"}
    assert amira.post(step(draft, "answers"), sent).status_code == 200
    saved = Draft.objects.get(pk=draft.pk).answers
    assert len(saved["answer_likes"]) == questions.LONGEST
    assert TAGS not in amira.get(step(draft, "answers")).content.decode()
    assert amira.post(step(draft, "answers"), {**sent, "act": "go"}).status_code == 422
    assert amira.get(step(draft, "check")).status_code == 302  # nothing goes out like that


def test_hostile_text_is_kept_as_text_at_home_too(cast_today: Cast) -> None:
    fred = browser(cast_today.fred_user)
    ask(cast_today, fred, act="keep", **{"answer-likes": HUGE, "instead_of": HUGE})
    draft = Draft.objects.get()
    for text in (draft.why["instead_of"], draft.answers["answer-likes"]):
        assert len(text) == questions.LONGEST


def test_without_the_limit_all_of_it_is_kept(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr(questions, "as_typed", lambda text: text)
    with pytest.raises(AssertionError):
        test_hostile_text_is_kept_as_text(cast_today)
