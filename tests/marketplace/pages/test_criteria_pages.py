"""The commissioner sets criteria where demand and money are seen."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.models import Service
from marketplace.pages.commissioner import criteria_forms
from marketplace.referrals import facts, turned_away
from marketplace.referrals.models import TurningPoint
from tests.cast import Cast
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.once


@pytest.fixture
def colin(cast_today: Cast) -> Client:
    """Return a browser with the county's commissioner signed in."""
    client = Client()
    client.force_login(cast_today.colin)
    return client


def change(colin: Client, cast: Cast, **fields: Any) -> Any:
    """Send the form that sets the mentor's criteria, as it stands but for these fields."""
    path = reverse("commissioner_criteria_change", args=[cast.mentor.slug])
    form = colin.get(path).context["form"]
    kept = {name: form[name].value() for name in form.fields}
    sent = {name: "" if value is None else value for name, value in kept.items()}
    return colin.post(path, {**sent, "form_key": str(uuid.uuid4()), **fields})


def turn_away(cast: Cast, times: int) -> None:
    """Count Jamie as turned away from the mentor by its age, so many times."""
    referral = climbing.refer(cast)
    turned = turned_away.Turned.of(
        referral, criteria=facts.criteria(cast.mentor), point=TurningPoint.CHECK
    )
    for _number in range(times):
        by = cast.by(cast.amira)
        turned_away.count(turned=turned, key=uuid.uuid4(), by=by, at=cast.at)


def test_the_list_says_who_can_have_what_and_whom_that_turned_away(
    colin: Client, cast_today: Cast
) -> None:
    turn_away(cast_today, 7)
    html = colin.get(reverse("commissioner_criteria")).content.decode()
    assert "For people aged 10 to 18." in html
    assert "For people aged 10 to 18. <strong>(7)</strong>" in html
    assert cast_today.confidential.name not in html  # the NHS owns it
    page = reverse("commissioner_criteria_service", args=[cast_today.mentor.slug])
    html = colin.get(page).content.decode()
    assert "11 to 15: 7" in html
    assert f"{cast_today.family.district}: 7" in html
    assert "Left in your funds" in html


def test_criteria_and_bands_are_set_and_the_old_ones_can_be_read(
    colin: Client, cast_today: Cast
) -> None:
    cast = cast_today
    answer = change(
        colin,
        cast,
        rule_1_value="11 to 17",
        rule_1_sentence="For people aged 11 to 17.",
        rule_2_fact="district",
        rule_2_operator="one_of",
        rule_2_value="Hinckley and Bosworth, Blaby",
        rule_2_sentence="For people who live in these two districts.",
        band_1_fact="attends_school",
        band_1_operator="is",
        band_1_value="no",
        band_1_units="12",
        band_1_sentence="Twelve where somebody is out of school.",
        standard="5",
        reason="More ask than there is money for.",
    )
    assert answer.status_code == 302, answer.context["form"].errors
    service = Service.objects.get(pk=cast.mentor.pk)
    assert [rule.value for rule in facts.criteria(service)] == [
        [11, 17],
        ["Hinckley and Bosworth", "Blaby"],
    ]
    (band,) = facts.bands(service)
    assert (band.criterion.value, band.units, service.standard_quantity) == (False, 12, 5)
    html = colin.get(answer["Location"]).content.decode()
    assert "More ask than there is money for." in html
    assert "Twelve where somebody is out of school." in html
    yesterday = cast.later(days=-1).date().isoformat()
    old = colin.get(answer["Location"], {"on": yesterday}).content.decode()
    assert "For people aged 10 to 18." in old
    assert "For people aged 11 to 17." not in old.split("Whom the rules turned away")[0]


def test_an_emptied_row_is_taken_away(colin: Client, cast_today: Cast) -> None:
    answer = change(colin, cast_today, rule_1_value="", rule_1_sentence="", reason="Open to all.")
    assert answer.status_code == 302
    assert facts.criteria(Service.objects.get(pk=cast_today.mentor.pk)) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reason": ""}, "#id_reason"),
        ({"rule_1_value": "17 to 11"}, "the lower first"),
        ({"rule_1_value": "nan to inf"}, "the lower first"),
        ({"rule_1_value": ""}, "the lower first"),
        ({"rule_1_sentence": ""}, "Fill this in, or empty the row."),
        ({"rule_2_sentence": "Half a row."}, "Fill this in, or empty the row."),
        ({"band_1_fact": "age", "band_1_value": "9", "band_1_sentence": "Nine."}, "Say how much"),
        ({"was": "7"}, "Somebody changed this meanwhile."),
    ],
)
def test_a_mistake_is_said_and_what_was_typed_kept(
    colin: Client, cast_today: Cast, fields: dict[str, str], said: str
) -> None:
    before = facts.criteria(cast_today.mentor)
    answer = change(colin, cast_today, **{"reason": "Because.", **fields})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert said in html
    assert fields.get("rule_1_value", "10 to 18") in html
    assert facts.criteria(Service.objects.get(pk=cast_today.mentor.pk)) == before


def test_hostile_words_are_only_words(colin: Client, cast_today: Cast) -> None:
    hostile = "<script>alert(1)</script>"
    answer = change(colin, cast_today, rule_1_sentence=hostile, reason=hostile)
    assert answer.status_code == 302
    for path in (
        reverse("commissioner_criteria"),
        answer["Location"],
        reverse("commissioner_criteria_change", args=[cast_today.mentor.slug]),
    ):
        assert hostile not in colin.get(path).content.decode()


@pytest.mark.parametrize("day", ["", "never", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_makes_no_sense_shows_a_page(colin: Client, cast_today: Cast, day: str) -> None:
    page = reverse("commissioner_criteria_service", args=[cast_today.mentor.slug])
    assert colin.get(page, {"on": day}).status_code == 200


def test_another_owners_service_is_not_there(colin: Client, cast_today: Cast) -> None:
    slug = cast_today.confidential.slug
    for name in ("commissioner_criteria_service", "commissioner_criteria_change"):
        assert colin.get(reverse(name, args=[slug])).status_code == 404


def test_the_list_takes_as_many_queries_however_many_services(
    colin: Client, cast_today: Cast
) -> None:
    page = reverse("commissioner_criteria")
    colin.get(page)
    with CaptureQueriesContext(
        connection,
    ) as few:
        colin.get(page)
    turn_away(cast_today, 6)
    Service.objects.filter(pk=cast_today.confidential.pk).update(owner=cast_today.county)
    with CaptureQueriesContext(connection) as more:
        colin.get(page)
    assert len(more) == len(few)


@pytest.mark.parametrize(
    ("value", "operator"),
    [
        ([11, 17], "between"),
        (16, "at_least"),
        (0.5, "at_most"),
        (True, "is"),
        (False, "is"),
        ("Blaby", "is"),
        (["Charnwood", "Blaby"], "one_of"),
    ],
)
def test_a_value_is_read_as_it_was_written(value: Any, operator: str) -> None:
    assert criteria_forms.read(criteria_forms.write(value), operator=operator) == value
