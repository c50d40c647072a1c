"""One form for several services, page by page: saved, found again, checked, sent once, changed."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cms import catalogue
from cms.models import Criterion, Step
from marketplace.people.roles import Role
from marketplace.referrals import drafts, turned_away
from marketplace.referrals.models import Application, Draft, Referral, Rung, TurnedAway
from marketplace.sharing import sharing
from tests import factories
from tests.cast import Cast
from tests.marketplace.pages.test_advocate_desk import browser, queries
from tests.marketplace.referrals import climbing
from tests.marketplace.referrals.test_commission_races import race

BOTH = ("mentor-kai", "family-support-at-home")
SAID = {"answer_likes": "Bikes.", "answer_what_to_change": "Fewer rows."}


def form_path(cast: Cast, *slugs: str, safe: bool = True, person: Any = None) -> str:
    """Return where a form for several services begins."""
    path = reverse("advocate_form", args=[cast.family.reference])
    who = person or cast.jamie
    query = f"?person={who.reference}" + ("&safe=yes" if safe else "")
    return path + query + "".join(f"&pick={slug}" for slug in slugs)


def start(cast: Cast, amira: Client, *slugs: str, **more: Any) -> Draft:
    """Start a form and return its draft."""
    picked = slugs or BOTH
    sent = {"pick": list(picked), "form_key": str(uuid.uuid4())}
    answer = amira.post(form_path(cast, *picked, **more), sent)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert answer["Location"].endswith("/why/")
    return Draft.objects.latest("pk")


def step(draft: Draft, name: str) -> str:
    """Return the address of a sheet."""
    return reverse("advocate_draft_step", args=[draft.reference, name])


def fill(amira: Client, draft: Draft, **answers: str) -> str:
    """Fill in every sheet; return where that leads."""
    why = amira.post(step(draft, "why"), {"comes": "as_well", "act": "go"})
    assert why.status_code == 302
    said = amira.post(step(draft, "answers"), {**SAID, **answers, "act": "go"})
    assert said.status_code == 302, said.content.decode()[:3000]
    return str(said["Location"])


def seen(html: str) -> str:
    """Return the mark of what a check showed."""
    found = re.search(r'name="seen" value="([0-9a-f]+)"', html)
    assert found
    return found.group(1)


def send(amira: Client, draft: Draft, *, mark: str = "", key: str = "") -> Any:
    """Check it, and send it."""
    mark = mark or seen(amira.get(step(draft, "check")).content.decode())
    path = reverse("advocate_draft_send", args=[draft.reference])
    return amira.post(path, {"seen": mark, "form_key": key or str(uuid.uuid4())})


def told() -> dict[str, dict[str, Any]]:
    """Return what each service was told."""
    rows = Application.objects.select_related("referral__service")
    return {row.referral.service.slug: row.answers for row in rows}


def test_who_is_turned_away_in_private_is_counted_in_private(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    draft = start(cast, amira, person=cast.fred)
    fill(amira, draft)
    drafts.save(
        draft=Draft.objects.get(pk=draft.pk),
        why={"is_private": "on"},
        by=cast.by(cast.amira),
        at=cast.at,
    )
    assert "Will not be asked" in amira.get(step(draft, "check")).content.decode()
    rows = TurnedAway.objects.filter(person=cast.fred)
    assert rows.exists()
    assert not sharing.visible(rows, user=cast.anne_user, at=cast.at).exists()
    assert sharing.visible(rows, user=cast.fred_user, at=cast.at).exists()


@pytest.mark.once
def test_a_slow_save_of_a_page_is_left_out(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    draft, page = start(cast, amira), str(uuid.uuid4())
    for words, turn in (("Bikes.", "7"), ("Bi", "6"), ("", "x")):
        said = {"answer_likes": words, "turn": turn, "form_key": page, "act": "keep"}
        assert amira.post(step(draft, "answers"), said).status_code == 200
        kept = Draft.objects.get(pk=draft.pk).answers["answer_likes"]
        assert kept == ("" if turn == "x" else "Bikes.")  # where no script says when, it is kept


@pytest.mark.once
def test_without_that_the_household_reads_it(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: counted in the open, it stands in everybody's record at home."""
    real = turned_away.told
    monkeypatch.setattr(
        turned_away, "told", lambda **said: real(**{**said, "is_confidential": False})
    )
    with pytest.raises(AssertionError):
        test_who_is_turned_away_in_private_is_counted_in_private(cast_today)


@pytest.mark.once
def test_first_it_is_asked_whether_somebody_is_in_danger(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    html = amira.get(form_path(cast, *BOTH, safe=False)).content.decode()
    assert "in danger now" in html
    draft = start(cast, amira)
    again = amira.get(reverse("advocate_draft", args=[draft.reference])).content.decode()
    assert "in danger now" in again


@pytest.mark.once
def test_each_question_is_asked_once_and_says_who_gets_the_answer(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    draft = start(cast, amira)
    html = amira.get(step(draft, "answers")).content.decode()
    assert html.count('name="answer_likes"') == 1
    assert "Goes to: Family support at home, Kai: a mentor for young people." in html
    assert "Goes to: Family support at home." in html


def test_every_change_is_saved_and_gone_on_with_on_another_device(cast_today: Cast) -> None:
    cast = cast_today
    phone, desk = browser(cast.amira), browser(cast.amira)
    draft = start(cast, phone)
    kept = phone.post(step(draft, "answers"), {"answer_likes": "Bik", "act": "keep"})
    assert kept.status_code == 200
    assert "Saved" in kept.content.decode()
    assert "<html" not in kept.content.decode()
    later = phone.post(step(draft, "why"), {"comes": "as_well", "act": "later"}, follow=True)
    assert "Unfinished forms" in later.content.decode()

    for page in (
        reverse("advocate_home"),
        reverse("advocate_family", args=[cast.family.reference]),
        form_path(cast, "mentor-kai"),
    ):
        assert reverse("advocate_draft", args=[draft.reference]) in desk.get(page).content.decode()
    on = desk.get(reverse("advocate_draft", args=[draft.reference]) + "?safe=yes")
    assert on["Location"] == step(draft, "answers")
    assert ">\nBik</textarea>" in desk.get(on["Location"]).content.decode()


@pytest.mark.once
def test_what_was_typed_stays_where_something_is_wrong(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    draft = start(cast, amira)
    answer = amira.post(step(draft, "why"), {"comes": "instead", "instead_of": "", "act": "go"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Say what it comes instead of." in html
    assert Draft.objects.get().why["comes"] == "instead"
    check = amira.get(step(draft, "check"))
    assert check["Location"] == step(draft, "why")


def test_the_check_shows_what_each_gets_and_sends_nothing(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    draft = start(cast, amira)
    html = amira.get(fill(amira, draft)).content.decode()
    assert "Nothing is sent yet." in html
    assert "It is their public duty" in html
    previews, _cut, said = html.partition("What you filled in")
    assert previews.count('<dd class="govuk-summary-list__value">Fewer rows.</dd>') == 1
    assert previews.count('<dd class="govuk-summary-list__value">Bikes.</dd>') == 2
    assert said.count("Bikes.") == 1
    assert f"{step(draft, 'answers')}#" in said
    assert Referral.objects.count() == 0


def test_one_send_tells_each_only_what_it_asked(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    draft = start(cast, amira)
    fill(amira, draft)
    key, mark = str(uuid.uuid4()), seen(amira.get(step(draft, "check")).content.decode())
    first = send(amira, draft, mark=mark, key=key)
    assert first["Location"] == reverse("advocate_draft", args=[draft.reference])
    assert told() == {
        "mentor-kai": {"likes": "Bikes."},
        "family-support-at-home": {"likes": "Bikes.", "what_to_change": "Fewer rows."},
    }
    handed = dict(Referral.objects.values_list("service__slug", "handed_over_rung"))
    assert handed == {"mentor-kai": "", "family-support-at-home": Rung.APPLIED}

    another_tab = send(amira, draft, mark=mark)
    assert another_tab["Location"] == first["Location"]
    assert Referral.objects.count() == 2
    html = amira.get(first["Location"]).content.decode()
    assert "Sent. How far each one is" in html
    assert "Yours: go on" in html
    assert "Leicestershire County Council will decide" in html


@pytest.mark.django_db(transaction=True)
def test_one_form_key_five_times_at_once_acts_once_and_is_answered_the_same(
    transactional_db: None, cast_today: Cast
) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    draft = start(cast, amira)
    fill(amira, draft)
    key, mark = str(uuid.uuid4()), seen(amira.get(step(draft, "check")).content.decode())
    answers: list[tuple[int, str]] = []

    def post() -> None:
        answer = send(browser(cast.amira), draft, mark=mark, key=key)
        answers.append((answer.status_code, answer["Location"]))

    assert race(*[post] * 5) == ["done"] * 5
    assert set(answers) == {(302, reverse("advocate_draft", args=[draft.reference]))}
    assert Referral.objects.count() == Application.objects.count() == 2

    altered = send(amira, draft, mark="0" * 64, key=key)
    assert altered["Location"] == step(draft, "check")
    after = amira.get(altered["Location"], follow=True).content.decode()
    assert "already sent with different answers" in after


def test_what_was_not_shown_is_not_sent(cast_today: Cast) -> None:
    cast = cast_today
    one, other = browser(cast.amira), browser(cast.amira)
    draft = start(cast, one)
    fill(one, draft)
    mark = seen(one.get(step(draft, "check")).content.decode())
    other.post(step(draft, "answers"), {**SAID, "answer_likes": "Drums.", "act": "keep"})
    refused = send(one, draft, mark=mark)
    html = one.get(refused["Location"]).content.decode()
    assert "Something has changed since you checked it." in html
    assert "Drums." in html
    assert Referral.objects.count() == 0
    assert send(one, draft).status_code == 302
    assert told()["mentor-kai"] == {"likes": "Drums."}


def test_who_cannot_have_one_is_told_which_rule_and_it_is_counted(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    draft = start(cast, amira, person=cast.josh)
    asked = amira.get(step(draft, "answers")).content.decode()
    assert "Goes to: Family support at home." in asked
    assert "Kai: a mentor" not in asked.partition("</form>")[0]  # nothing is asked for nothing
    html = amira.get(fill(amira, draft)).content.decode()
    assert "Will not be asked" in html
    assert "For people aged 10 to 18." in html
    assert "Send it to 1 service" in html
    amira.get(step(draft, "check"))
    assert list(TurnedAway.objects.values_list("service__slug", "sentence")) == [
        ("mentor-kai", "For people aged 10 to 18.")
    ]
    send(amira, draft)
    assert list(told()) == ["family-support-at-home"]


def test_what_is_open_already_is_shown_and_not_asked_again(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    first = climbing.climb(cast, to=Rung.SOFT_REFERRED)
    there = reverse("advocate_referral", args=[first.reference])
    html = amira.get(form_path(cast, *BOTH)).content.decode()
    assert "Asked for already" in html
    assert there in html
    draft = start(cast, amira)
    fill(amira, draft)
    assert there in amira.get(step(draft, "check")).content.decode()
    send(amira, draft)
    assert Referral.objects.filter(service=cast.mentor).count() == 1


def test_what_nobody_knows_yet_has_a_sheet_of_its_own(cast_today: Cast) -> None:
    cast = cast_today
    rule = {"operator": "is", "value": True, "sentence": "For people who go to school."}
    Criterion.objects.create(service=cast.mentor, fact="attends_school", **rule)
    amira = browser(cast.amira)
    draft = start(cast, amira)
    why = amira.post(step(draft, "why"), {"comes": "as_well", "act": "go"})
    assert why["Location"] == step(draft, "facts")
    assert amira.post(step(draft, "facts"), {"act": "go"}).status_code == 422
    on = amira.post(step(draft, "facts"), {"fact_attends_school": "yes", "act": "go"})
    assert on["Location"] == step(draft, "answers")
    amira.post(on["Location"], {**SAID, "act": "go"})
    html = amira.get(step(draft, "check")).content.decode()
    assert "Do they go to school?" in html
    learns = html.partition("It learns that these are met:")[2].partition("</p>")[0]
    assert "For people who go to school." in learns
    send(amira, draft)
    checked = Referral.objects.get(service=cast.mentor).steps.get(step=Step.CHECK_ELIGIBILITY)
    assert checked.facts == {"attends_school": True}


def test_services_are_added_and_taken_off_and_the_answers_stay(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    draft = start(cast, amira, "mentor-kai")
    amira.post(step(draft, "answers"), {"answer_likes": "Bikes.", "act": "keep"})
    services = reverse("advocate_draft_services", args=[draft.reference])
    page = amira.get(services).content.decode()
    find = re.search(r'href="([^"]*/find/[^"]*)"', page)
    assert find
    search = amira.get(find.group(1).replace("&amp;", "&")).content.decode()
    assert f'action="{services}"' in search
    both = amira.get(f"{services}?pick=family-support-at-home").content.decode()
    assert 'value="family-support-at-home" checked' in both
    amira.post(services, {"pick": list(BOTH)})
    assert Draft.objects.get().services.count() == 2
    assert "Bikes." in amira.get(step(draft, "answers")).content.decode()
    assert amira.post(services, {"pick": []}).status_code == 422


@pytest.mark.once
def test_more_than_fifteen_are_refused_and_none_leads_back(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    many = amira.get(form_path(cast, *[f"s{number}" for number in range(16)]), follow=True)
    assert "One form goes to 15 services at most" in many.content.decode()
    none = amira.get(form_path(cast), follow=True)
    assert "Choose one service or more first." in none.content.decode()


@pytest.mark.once
def test_thrown_away_it_is_gone_and_its_address_says_so(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    draft = start(cast, amira)
    fill(amira, draft)
    path = reverse("advocate_draft_discard", args=[draft.reference])
    amira.post(path, {"form_key": str(uuid.uuid4())})
    page = amira.get(reverse("advocate_draft", args=[draft.reference])).content.decode()
    assert "This form was thrown away" in page
    assert "Unfinished forms" not in amira.get(reverse("advocate_home")).content.decode()
    assert amira.get(step(draft, "why")).status_code == 302


@pytest.mark.once
def test_nobody_else_finds_it_not_even_at_the_same_desk(cast_today: Cast) -> None:
    cast = cast_today
    draft = start(cast, browser(cast.amira))
    colleague = factories.worker(cast, cast.beacon, Role.ADVOCATE)
    for user in (colleague, cast.nadia):
        client = browser(user)
        assert client.get(reverse("advocate_draft", args=[draft.reference])).status_code == 404
        assert client.get(step(draft, "why")).status_code == 404
        assert client.post(step(draft, "why"), {"act": "keep"}).status_code == 404
        send_path = reverse("advocate_draft_send", args=[draft.reference])
        assert client.post(send_path, {"seen": "x"}).status_code == 404


@pytest.mark.once
def test_the_pages_take_as_many_queries_for_many_services_as_for_two(cast_today: Cast) -> None:
    cast = cast_today
    amira = browser(cast.amira)
    two = start(cast, amira)
    drafts.save(draft=two, why={"comes": "as_well"}, answers=SAID, by=cast.by(cast.amira),
                at=cast.at)  # fmt: skip
    few = [queries(amira, step(two, name)) for name in ("why", "answers", "check")]
    for number in range(5):
        two.services.add(
            catalogue.add_service(name=f"Another {number}", owner=cast.county, steps=("book",))
        )
    assert [queries(amira, step(two, name)) for name in ("why", "answers", "check")] == few


# After it was sent
