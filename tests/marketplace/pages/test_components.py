"""The parts that pages are made of: how they show money, days, the ladder and forms."""

import datetime
import uuid

import pytest
from django import forms
from django.template import Context, engines, loader
from django.test import RequestFactory
from django.utils import timezone

from marketplace.pages.templatetags import alongside

pytestmark = pytest.mark.once


class Wish(forms.Form):
    """A form with one field of each look."""

    words = forms.CharField(label="What would you like?", help_text="In your own words.")
    amount = forms.IntegerField(
        label="How much?", widget=forms.NumberInput(attrs={"data-prefix": "£"})
    )
    starts_on = forms.DateField(label="From when?", initial=datetime.date(2026, 6, 2))
    person = forms.ChoiceField(
        label="Who is it for?", choices=[("1", "Jamie"), ("2", "Josh")], widget=forms.RadioSelect
    )
    says_yes = forms.BooleanField(label="I say yes")


def page(source: str, **context: object) -> str:
    """Render a template's source."""
    return str(engines["django"].from_string("{% load alongside %}" + source).render(context))


def wish_page(form: forms.Form) -> str:
    """Render the form as pages do."""
    return page('{% include "components/form.html" with button="Ask" %}', form=form)


def test_money_is_written_in_pounds_with_two_figures_after_the_point() -> None:
    assert page("{{ amount|pence }}", amount=125000) == "£1,250.00"
    assert page("{{ amount|pence }}", amount=None) == ""


def test_a_day_has_its_year_only_when_that_is_not_this_one() -> None:
    this_year = timezone.localdate().replace(month=6, day=3)
    assert alongside.day(this_year) == f"{this_year:%A} 3 June"
    assert alongside.day(datetime.date(2011, 6, 3)) == "Friday 3 June 2011"


def test_a_moment_is_shown_in_london_time() -> None:
    at = datetime.datetime(2011, 6, 3, 13, 30, tzinfo=datetime.UTC)
    assert alongside.day_time(at) == "Friday 3 June 2011, 2:30pm"


@pytest.mark.parametrize(
    ("hour", "minute", "shown"),
    [(0, 0, "12am"), (9, 5, "9:05am"), (12, 0, "midday"), (12, 30, "12:30pm"), (15, 0, "3pm")],
)
def test_a_time_of_day_is_written_as_people_say_it(hour: int, minute: int, shown: str) -> None:
    assert alongside.clock(datetime.time(hour, minute)) == shown


def test_the_money_bar_never_grows_past_its_end() -> None:
    parts = alongside.split_bar(90001, 24333, 485666)
    assert parts[0].start == 0
    assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert parts[-1].end <= alongside.BAR_WIDTH
    assert [part.length for part in alongside.split_bar(0, 0, 0)] == [0, 0, 0]


def test_a_small_amount_still_has_a_bar_and_nothing_has_none() -> None:
    drawn = alongside.bars([("County", 9_999_999, ""), ("Police", 1, ""), ("School", 0, "")])
    assert [bar.length > 0 for bar in drawn] == [True, True, False]


def test_the_ladder_says_in_words_where_a_referral_is() -> None:
    shown = page('{% include "components/rung.html" with rung="applied" for_family=True only %}')
    assert "Step 3 of 6:" in shown
    assert "<strong>Asked for</strong>" in shown
    assert shown.count("rungs__step--reached") == 3
    assert shown.count('aria-current="step"') == 1


def test_an_ended_referral_shows_no_step_as_the_present_one() -> None:
    shown = page('{% include "components/rung.html" with rung="declined" only %}')
    assert "They said no" in shown
    assert "aria-current" not in shown


def test_an_error_is_linked_to_its_field_and_says_what_to_do() -> None:
    shown = wish_page(Wish({"amount": "many"}))
    assert '<a href="#id_words">What would you like: Please answer this.</a>' in shown
    assert '<a href="#id_person_0">' in shown
    assert 'aria-describedby="id_words_helptext id_words_error"' in shown
    assert 'value="many"' in shown


def test_a_form_that_nobody_sent_has_no_errors() -> None:
    shown = wish_page(Wish())
    assert "govuk-error" not in shown
    assert 'type="date" name="starts_on" value="2026-06-02"' in shown
    assert 'aria-hidden="true">£</div>' in shown


def test_each_form_has_a_key_of_its_own_unless_the_page_gives_one() -> None:
    source = "{% form_key %}"
    key = uuid.uuid4()
    assert page(source) != page(source)
    assert f'value="{key}"' in page(source, form_key=key)


def test_the_page_for_a_fault_of_ours_needs_nothing_around_it() -> None:
    assert "Something went wrong" in loader.render_to_string("500.html")


@pytest.mark.parametrize(
    ("path", "door", "area"),
    [
        ("/provider/", "", "provider"),
        ("/services/", "", "public"),
        ("/services/", "family", "family"),
        ("/services/", "cms", "public"),
    ],
)
def test_a_page_has_the_tone_of_its_door_or_of_its_readers(path: str, door: str, area: str) -> None:
    request = RequestFactory().get(path)
    assert alongside.area_of_page(Context({"request": request, "door": door})) == area
