"""Where two rooms meet: what one keeps to itself does not show on a page of the other."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from budgets.models import Family, FamilyMerge, Person, PersonMerge, Responsibility
from cms.models import Criterion, Step
from marketplace.authority.models import DecisionReview
from marketplace.pages.advocate import household_acts
from marketplace.pages.family import sharing_words
from marketplace.people import appointments
from marketplace.people.models import Lead, User
from marketplace.people.roles import Role
from marketplace.referrals.models import Rung
from marketplace.sharing import facts, sharing
from marketplace.sharing.models import FactForm, Reason, Source
from tests import factories
from tests.cast import Cast
from tests.marketplace.sharing import keeping

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def read(user: User, name: str, *args: Any) -> str:
    """Read a page as somebody."""
    answer = browser(user).get(reverse(name, args=args))
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def fact(cast: Cast, person: Person) -> Any:
    """Write down something that is no secret."""
    return facts.enter(
        person=person, key="has_low_income", value=True, came_from=Source.SAID,
        by=cast.by(cast.amira), at=cast.at,
    )  # fmt: skip


def told_in_secret(cast: Cast) -> None:
    """Tell the trust a fact of Jamie's for something that he asked for in confidence."""
    reason = factories.reason(
        cast, cast.jamie, organisation=cast.trust, role=Role.INTAKE_WORKER, is_confidential=True
    )
    facts.note_offer(
        fact=fact(cast, cast.jamie), reason=reason, form=FactForm.VALUE,
        by=factories.CLOCK, at=cast.at,
    )  # fmt: skip


def test_who_was_told_in_confidence_is_not_named_to_a_parent(cast_today: Cast) -> None:
    cast = cast_today
    told_in_secret(cast)
    page = read(cast.fred_user, "family_facts")
    assert sharing_words.fact("has_low_income") in page
    assert cast.trust.name not in page
    assert cast.trust.name in read(cast.jamie_user, "family_facts")
    assert cast.trust.name in read(cast.amira, "advocate_facts", cast.family.reference)


def test_that_test_goes_red_where_every_reason_is_named(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    gate = sharing.visible

    def leaky(queryset: Any, **given: Any) -> Any:
        return queryset if queryset.model is Reason else gate(queryset, **given)

    monkeypatch.setattr(sharing, "visible", leaky)
    with pytest.raises(AssertionError):
        test_who_was_told_in_confidence_is_not_named_to_a_parent(cast_today)


def test_what_is_held_back_does_not_show_beside_a_fact(cast_today: Cast) -> None:
    cast = cast_today
    fact(cast, cast.fred)
    safeguard = keeping.concern(
        cast, person=cast.fred, is_with_social_worker=True, evidence="He hits."
    )
    Reason.objects.filter(subject=safeguard.reference).update(scope="record")
    assert cast.trust.name in read(cast.fred_user, "family_facts")
    keeping.hold_back(cast, safeguard)
    assert cast.trust.name not in read(cast.fred_user, "family_facts")


def household(cast: Cast, name: str, *args: Any) -> str:
    """Return the address of a page about the household."""
    return reverse(name, args=[cast.family.reference, *args])


def form(cast: Cast, **said: Any) -> dict[str, Any]:
    """Return a form with its key, as of today."""
    return {
        "form_key": str(uuid.uuid4()), "on": cast.day.isoformat(), "words": "He says so.", **said
    }  # fmt: skip


def let_beacon_read_of(cast: Cast, person: Person) -> None:
    """Let the advocates at Beacon read somebody's record, who chose none of them."""
    factories.reason(
        cast, person, organisation=cast.beacon, role=Role.ADVOCATE, scope="record",
        basis="public_task",
    )  # fmt: skip


@pytest.mark.parametrize("act", ["with-others", "hide", "show"])
def test_a_fathers_advocate_does_not_say_who_decides_for_his_stepdaughter(
    act: str, cast_today: Cast
) -> None:
    cast = cast_today
    let_beacon_read_of(cast, cast.stacey)
    address = household(cast, "advocate_household_person", cast.stacey.reference, act)
    assert browser(cast.amira).post(address, form(cast)).status_code == 403
    stacey = Person.objects.get(pk=cast.stacey.pk)
    assert stacey.decides_alone
    assert not stacey.is_shielded


def test_nor_makes_him_her_decider(cast_today: Cast) -> None:
    cast = cast_today
    let_beacon_read_of(cast, cast.stacey)
    address = household(cast, "advocate_household_change", "decides")
    two = {"holder": str(cast.fred.reference), "of": str(cast.stacey.reference)}
    answer = browser(cast.amira).post(address, form(cast, **two, may_decide="on"))
    assert answer.status_code == 403
    assert not Responsibility.objects.filter(person=cast.stacey).exists()


def test_a_landlords_lead_hides_and_shows_nobody(cast_today: Cast) -> None:
    cast = cast_today
    Lead.objects.create(
        family=cast.family, user=cast.sam, organisation=cast.police, starts_on=cast.day
    )
    address = household(cast, "advocate_household_person", cast.jamie.reference, "hide")
    assert browser(cast.sam).post(address, form(cast)).status_code == 403
    assert "Hide this record" not in read(cast.sam, "advocate_household", cast.family.reference)


def test_whom_she_only_may_look_at_she_does_not_merge_into_hers(cast_today: Cast) -> None:
    """Merged, the other household's record would be read from this one."""
    cast = cast_today
    Person.objects.filter(pk=cast.olive.pk).update(born_on=None)
    let_beacon_read_of(cast, cast.olive)
    address = household(cast, "advocate_household_change", "same-person")
    two = {"kept": str(cast.fred.reference), "other": str(cast.olive.reference)}
    assert browser(cast.amira).post(address, form(cast, **two)).status_code == 403
    assert not PersonMerge.objects.exists()


def test_nor_the_other_household_into_this_one(cast_today: Cast) -> None:
    """Who lived there would be read as who lives here."""
    cast = cast_today
    other = Family.objects.create(name="Next door", created_at=cast.at)
    let_beacon_read_of(cast, factories.person(cast, other, first_name="Gran"))
    address = household(cast, "advocate_household_change", "same-household")
    two = {"other": str(other.reference), "stands": "this"}
    assert browser(cast.amira).post(address, form(cast, **two)).status_code == 403
    assert not FamilyMerge.objects.exists()


Test = Callable[[Cast], None]

# What is switched off, by what instead, and whose attack then goes through.
SWITCHED_OFF: dict[str, tuple[Any, str, Any, Test]] = {
    "anybody at home has who decides for her stepdaughter said": (
        household_acts,
        "OF_HER_OWN",
        frozenset(),
        lambda cast: test_a_fathers_advocate_does_not_say_who_decides_for_his_stepdaughter(
            "with-others", cast
        ),
    ),
    "anybody at home has her hidden": (
        household_acts,
        "OF_HER_OWN",
        frozenset(),
        lambda cast: test_a_fathers_advocate_does_not_say_who_decides_for_his_stepdaughter(
            "hide", cast
        ),
    ),
    "anybody at home makes him her decider": (
        household_acts,
        "may_say",
        lambda visit, family, person: True,
        test_nor_makes_him_her_decider,
    ),
    "a landlord's lead hides": (
        appointments,
        "leads_whole",
        appointments.leads_of,
        test_a_landlords_lead_hides_and_shows_nobody,
    ),
    "a record that she may only look at is merged": (
        household_acts,
        "_must_act_for",
        lambda visit, person: None,
        test_whom_she_only_may_look_at_she_does_not_merge_into_hers,
    ),
    "a household that she may only look at is merged": (
        household_acts,
        "may_act",
        lambda visit, family: True,
        test_nor_the_other_household_into_this_one,
    ),
}


@pytest.mark.parametrize("name", SWITCHED_OFF)
def test_a_guard_that_is_switched_off_is_noticed(
    name: str, cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twins: what was turned away is done."""
    owner, attribute, instead, test = SWITCHED_OFF[name]
    monkeypatch.setattr(owner, attribute, instead)
    with pytest.raises(AssertionError, match="assert 302 == 403"):
        test(cast_today)


def sampled(cast: Cast, **fields: Any) -> DecisionReview:
    """Sample a decision of Amira's about Jamie, who is over the age and whose income is unknown."""
    Criterion.objects.filter(service=cast.mentor).delete()
    Criterion.objects.create(
        service=cast.mentor, fact="age", operator="between", value=[5, 10],
        sentence="For children aged 5 to 10.",
    )  # fmt: skip
    Criterion.objects.create(
        service=cast.mentor, fact="has_low_income", operator="is", value=True,
        sentence="For families with a low income.",
    )  # fmt: skip
    referral = factories.referral(
        cast, cast.jamie, rung=Rung.COMPLETED, end_words="CANARY", **fields
    )
    rule = cast.agreement.rules.get(service=cast.mentor, step=Step.CHECK_ELIGIBILITY)
    event = factories.event(
        cast, cast.jamie, verb=Step.CHECK_ELIGIBILITY, rule=rule.reference,
        subject=referral.reference, at=cast.at - timedelta(days=20),
    )  # fmt: skip
    return DecisionReview.objects.create(
        rule=rule, event=event.reference, subject=referral.reference,
        month=cast.day.replace(day=1), sampled_on=cast.day,
    )  # fmt: skip


def test_a_closed_decision_is_judged_by_what_it_rested_on_and_names_nobody(
    cast_today: Cast,
) -> None:
    cast = cast_today
    page = read(cast.colin, "commissioner_agreements_judge", sampled(cast).reference)
    first, second = page.index("aged 5 to 10"), page.index("low income")
    assert first < page.index("No", first) < second < page.index("Not known")
    for word in ("Jamie", "Garner", "CANARY", "aged 13", "13 years", str(cast.jamie.reference)):
        assert word not in page[page.index("<main") :]


def test_of_a_secret_nothing_is_shown_to_who_judges(cast_today: Cast) -> None:
    cast = cast_today
    page = read(
        cast.colin,
        "commissioner_agreements_judge",
        sampled(cast, is_confidential=True).reference,
    )
    assert "asked in confidence" in page
    assert "low income" not in page
