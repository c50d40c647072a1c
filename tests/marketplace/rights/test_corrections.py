"""Something is wrong: asked, answered by whoever entered it, put right; what it said is kept."""

from typing import Any

import pytest

from budgets import families, history
from budgets.models import EventText, Family, Person
from marketplace.people import appointments
from marketplace.people.models import Lead
from marketplace.rights import corrections, requests
from marketplace.rights.models import RequestState, RightsRequest
from marketplace.sharing import facts
from marketplace.sharing.models import Fact, Source
from tests.cast import Cast


def ask(cast: Cast, code: str, wanted: str, **more: Any) -> RightsRequest:
    """Ask, as Fred unless told, for something to be put right."""
    user = more.pop("user", cast.fred_user)
    given = {"person": cast.fred, "words": "It is wrong.", **more}
    return corrections.ask(
        code=code, wanted=wanted, user=user, by=cast.by(user), at=cast.at, **given
    )


def accept(cast: Cast, request: RightsRequest, name: str = "adam") -> RightsRequest:
    """Accept it, as Adam unless told."""
    user = cast.users[name]
    return corrections.accept(
        request=request, words="You are right.", user=user, by=cast.by(user), at=cast.at
    )


def test_a_name_is_put_right_and_the_old_one_is_history(cast: Cast):
    done = accept(cast, ask(cast, "person.last_name", "Garner-Hale"))
    assert (done.state, done.answer) == (RequestState.DONE, "You are right.")
    assert Person.objects.get(pk=cast.fred.pk).last_name == "Garner-Hale"
    event = history.of(cast.fred.reference).get(verb="corrected")
    assert EventText.objects.get(event=event).text == "Garner → Garner-Hale"


def test_a_household_and_a_birthday_are_put_right(cast: Cast):
    accept(cast, ask(cast, "family.postcode", "LE10 2AB"))
    accept(cast, ask(cast, "person.born_on", "2013-02-03", person=cast.jamie))
    assert Family.objects.get(pk=cast.family.pk).postcode == "LE10 2AB"
    born_on = Person.objects.get(pk=cast.jamie.pk).born_on
    assert born_on is not None
    assert born_on.year == 2013


def test_a_fact_is_replaced_through_its_own_verb(cast: Cast):
    fact = facts.enter(
        person=cast.fred, key="has_low_income", value=False, came_from=Source.SAID,
        by=cast.by(cast.amira), at=cast.at,
    )  # fmt: skip
    request = ask(cast, f"fact.{fact.reference}", "yes")
    assert request.entered_by == cast.amira
    accept(cast, request, "amira")
    assert Fact.objects.standing().get(person=cast.fred).value is True
    assert Fact.objects.get(pk=fact.pk).replaced_at is not None


def test_whoever_leads_answers_too(cast: Cast):
    request = ask(cast, "person.phone", "07700 900001")
    with pytest.raises(requests.NotForThem):
        accept(cast, request, "ruth")
    Lead.objects.create(
        family=cast.family, user=cast.ruth, organisation=cast.trust, starts_on=cast.day
    )
    assert appointments.leads_of(user=cast.ruth, on=cast.day).exists()
    assert accept(cast, request, "ruth").state == RequestState.DONE


@pytest.mark.parametrize("name", ["amira", "ingrid", "colin", "fred_user", "nadia"])
def test_nobody_else_answers(name: str, cast: Cast):
    request = ask(cast, "person.phone", "07700 900001")
    with pytest.raises(requests.NotForThem):
        accept(cast, request, name)
    assert Person.objects.get(pk=cast.fred.pk).phone == ""


def test_a_refusal_gives_its_reason_and_changes_nothing(cast: Cast):
    request = ask(cast, "person.last_name", "Hale")
    adam: dict[str, Any] = {"user": cast.adam, "by": cast.by(cast.adam), "at": cast.at}
    with pytest.raises(requests.NoWords):
        requests.refuse(request=request, words=" ", **adam)
    refused = requests.refuse(request=request, words="Your card says Garner.", **adam)
    assert (refused.state, refused.answer) == (RequestState.REFUSED, "Your card says Garner.")
    assert Person.objects.get(pk=cast.fred.pk).last_name == "Garner"
    with pytest.raises(requests.IsAnswered):
        accept(cast, request)


def test_what_changed_meanwhile_is_not_overwritten(cast: Cast):
    request = ask(cast, "person.phone", "07700 900001")
    Person.objects.filter(pk=cast.fred.pk).update(phone="07700 900009")
    with pytest.raises(corrections.ChangedSince):
        accept(cast, request)
    assert Person.objects.get(pk=cast.fred.pk).phone == "07700 900009"


def test_what_nobody_can_put_right_has_her_words_beside_it(cast: Cast):
    request = ask(cast, corrections.OTHER, "I never shouted on that day.")
    accept(cast, request)
    event = history.of(request.reference).get(verb="statement")
    assert EventText.objects.get(event=event).text == "I never shouted on that day."


@pytest.mark.parametrize("wanted", ["", "Garner"])
def test_nothing_to_change_is_not_asked(wanted: str, cast: Cast):
    with pytest.raises(corrections.NothingToChange):
        ask(cast, "person.last_name", wanted)
    assert not RightsRequest.objects.exists()


def test_a_value_that_cannot_be_one_is_refused(cast: Cast):
    request = ask(cast, "person.born_on", "yesterday")
    with pytest.raises(history.Refused):
        accept(cast, request)
    assert RightsRequest.objects.get(pk=request.pk).is_open


def test_whoever_entered_it_is_told(cast: Cast):
    person = families.add_person(first_name="Bea", by=cast.by(cast.ingrid), at=cast.at)
    families.join(
        family=cast.family, person=person, relation="child", on=cast.day,  # type: ignore[arg-type]
        by=cast.by(cast.ingrid), at=cast.at,
    )  # fmt: skip
    families.set_responsibility(
        holder=cast.fred, person=person, may_decide=True, on=cast.day,
        by=cast.by(cast.ingrid), at=cast.at,
    )  # fmt: skip
    Person.objects.filter(pk=person.pk).update(born_on="2020-01-01")
    request = ask(cast, "person.first_name", "Beatrix", person=Person.objects.get(pk=person.pk))
    assert request.entered_by == cast.ingrid
    assert accept(cast, request, "ingrid").state == RequestState.DONE
