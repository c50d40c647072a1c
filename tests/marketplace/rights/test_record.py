"""A copy is complete, of nobody else, and a person has read what is in it."""

import json
from typing import Any

import pytest

from budgets import history, plans
from budgets.models import EventText, Goal, Person, Responsibility
from marketplace.people.models import User
from marketplace.rights import copies, record, requests
from marketplace.rights.models import Redaction, RedactionReason, RequestKind, RightsRequest
from marketplace.sharing import held_back, safeguards
from marketplace.sharing.models import HeldBackReason, Look, Safeguard, SafeguardKind
from tests import factories
from tests.cast import Cast

Reason = RedactionReason


def ask(cast: Cast, person: Person, user: User) -> RightsRequest:
    """Ask for a copy."""
    return requests.ask(
        person=person, kind=RequestKind.ACCESS, user=user, by=cast.by(user), at=cast.at
    )


def read_all(cast: Cast, request: RightsRequest) -> RightsRequest:
    """Read everything as Adam, the county's administrator."""
    adam: dict[str, Any] = {"user": cast.adam, "by": cast.by(cast.adam), "at": cast.at}
    for kind in copies.found(request=request, at=cast.at):
        marks = copies.marks(request=request, kind=kind)
        copies.read(request=request, label=kind.label, marks=marks, **adam)
    return RightsRequest.objects.get(pk=request.pk)


def release(cast: Cast, request: RightsRequest) -> RightsRequest:
    """Read everything and release it."""
    read_all(cast, request)
    return copies.release(request=request, user=cast.adam, by=cast.by(cast.adam), at=cast.at)


def redact(cast: Cast, request: RightsRequest, row: Any, field: str, reason: Reason) -> Redaction:
    """Leave something out, as Adam."""
    return copies.redact(
        request=request,
        label=row._meta.label,
        row_key=str(row.pk),
        field=field,
        reason=reason,
        user=cast.adam,
        by=cast.by(cast.adam),
        at=cast.at,
    )


def downloaded(cast: Cast, request: RightsRequest, user: User) -> str:
    """Return everything that somebody downloads, as one text."""
    copy = copies.download(request=request, user=user, by=cast.by(user), at=cast.at)
    return json.dumps(copy.as_data(), ensure_ascii=False)


def copy_of(cast: Cast, person: Person, user: User) -> str:
    """Ask, release and download."""
    return downloaded(cast, release(cast, ask(cast, person, user)), user)


def note(cast: Cast, person: Person, text: str, **more: Any) -> EventText:
    """Write something about somebody into the history."""
    event = history.record(
        by=cast.by(cast.amira),
        at=cast.at,
        verb="noted",
        subject_kind="person",
        subject=person.reference,
        family=cast.family,
        person=person,
        text=text,
        **more,
    )
    return EventText.objects.get(event=event)


def test_a_request_is_due_in_a_calendar_month(cast: Cast):
    request = ask(cast, cast.fred, cast.fred_user)
    assert (request.due_on.month, request.due_on.day) == (7, 3)
    assert request.organisation == cast.county


def test_it_is_of_nobody_else(cast: Cast):
    plans.add_goal(
        plan=cast.neighbours_plan, words="CANARY neighbour", person=cast.olive,
        by=factories.CLOCK, at=cast.at,
    )  # fmt: skip
    Person.objects.filter(pk=cast.anne.pk).update(phone="CANARY phone", email="canary@x.example")
    note(cast, cast.anne, "CANARY of Anne")
    note(cast, cast.stacey, "CANARY of Stacey", is_confidential=True)
    factories.referral(cast, cast.jamie, end_words="CANARY of Jamie")
    factories.safeguard(cast, cast.josh, evidence="CANARY of Josh")
    said = copy_of(cast, cast.fred, cast.fred_user)
    assert "CANARY" not in said
    assert "canary" not in said
    for somebody in (cast.anne, cast.stacey, cast.jamie, cast.josh, cast.olive):
        assert somebody.last_name == "Garner" or somebody.last_name not in said
    for worker in (cast.amira, cast.adam, cast.ingrid, cast.nadia):
        assert worker.name not in said
        assert str(worker.reference) not in said
    assert "Advocate at Beacon Advocacy" in said


def test_the_canary_test_goes_red_without_the_filter(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """The twin: an export without the neighbours' filter."""
    monkeypatch.setattr(record, "about", lambda model, **asked: model._base_manager.all())
    with pytest.raises(AssertionError):
        test_it_is_of_nobody_else(cast)


def test_it_has_what_is_hers(cast: Cast):
    Person.objects.filter(pk=cast.stacey.pk).update(phone="07700 900123")
    note(cast, cast.stacey, "Her own secret.", is_confidential=True)
    said = copy_of(cast, cast.stacey, cast.stacey_user)
    assert "A place of my own for the baby." in said
    assert "Her own secret." in said
    assert "07700 900123" in said
    assert "A calmer home" in said  # the household's plan names nobody


def test_what_she_is_to_others_is_hers_too_and_names_nobody(cast: Cast):
    Responsibility.objects.filter(person=cast.josh).delete()
    kinds = record.gather(person=cast.fred, knows_secrets=True, at=cast.at)
    (held,) = [kind for kind in kinds if kind.label == "budgets.Responsibility"]
    assert {field.name for field in held.rows[0].fields} == set(
        record.OTHER_WAYS["budgets.Responsibility"].fields
    )
    assert "Jamie" not in str(held)


def test_who_decides_for_a_child_is_not_told_its_secrets(cast: Cast):
    said = copy_of(cast, cast.jamie, cast.fred_user)
    assert "Something to do on Fridays." in said
    assert "To talk to somebody about Mum." not in said


def test_an_advocate_who_is_confided_in_reads_them(cast: Cast):
    assert "To talk to somebody about Mum." in copy_of(cast, cast.jamie, cast.amira)


@pytest.mark.parametrize("name", ["anne_user", "stacey_user", "olive_user", "nadia", "ingrid"])
def test_nobody_else_can_ask(name: str, cast: Cast):
    with pytest.raises(requests.NotTheirs):
        ask(cast, cast.fred, cast.users[name])
    assert not RightsRequest.objects.exists()


def test_what_is_held_back_leaves_no_trace(cast: Cast):
    later = cast.later(days=30).date()
    look = factories.look(
        cast, cast.fred, held_back_until=later, held_back_for="inquiry", subject_kind="CANARY-look"
    )
    assert "CANARY" not in copy_of(cast, cast.fred, cast.fred_user)
    Look.objects.filter(pk=look.pk).update(held_back_until=cast.day)
    kinds = record.gather(person=cast.fred, knows_secrets=True, at=cast.at)
    assert "CANARY-look" in str(kinds)


def test_a_concern_that_is_held_back_leaves_no_trace_and_then_is_there(cast: Cast):
    concern = safeguards.open(
        person=cast.fred,
        kind=SafeguardKind.VIOLENCE,
        evidence="CANARY said so.",
        owner=cast.ruth,
        organisation=cast.trust,
        review_on=cast.later(days=20).date(),
        is_with_social_worker=True,
        by=cast.by(cast.ruth),
        at=cast.at,
    )
    held_back.hold_back(
        safeguard=concern,
        reason=HeldBackReason(HeldBackReason.values[0]),
        words="CANARY could happen.",
        until=cast.later(days=10).date(),
        by=cast.by(cast.ruth),
        at=cast.at,
    )
    said = copy_of(cast, cast.fred, cast.fred_user)
    assert "CANARY" not in said
    assert str(concern.reference) not in said
    assert "safeguard" not in said
    assert "NHS Trust" not in said
    held_back.nightly(at=cast.later(days=11))
    request = ask(cast, cast.fred, cast.fred_user)
    kinds = str(record.gather(person=cast.fred, knows_secrets=True, at=cast.later(days=11)))
    assert request.is_open
    assert "CANARY said so." in kinds
    assert "CANARY could happen." in kinds
    assert "CANARY" not in str(record.gather(person=cast.anne, knows_secrets=True, at=cast.at))


def test_nothing_is_released_that_nobody_read(cast: Cast):
    request = ask(cast, cast.fred, cast.fred_user)
    with pytest.raises(copies.NotRead):
        copies.release(request=request, user=cast.adam, by=cast.by(cast.adam), at=cast.at)
    assert RightsRequest.objects.get(pk=request.pk).is_open


def test_what_was_written_after_the_reading_is_not_in_the_copy(cast: Cast):
    Goal.objects.filter(pk=cast.jamie_goal.pk).update(person=cast.fred)
    request = release(cast, ask(cast, cast.fred, cast.fred_user))
    note(cast, cast.fred, "CANARY: Olive told me so.")
    Goal.objects.filter(pk=cast.jamie_goal.pk).update(words="CANARY changed")
    said = downloaded(cast, request, cast.fred_user)
    assert "CANARY" not in said
    assert "Fred" in said


def test_a_redaction_is_of_one_field_and_says_why(cast: Cast):
    text = note(cast, cast.fred, "CANARY: Olive next door drinks.")
    note(cast, cast.fred, "He likes to cook.")
    request = ask(cast, cast.fred, cast.fred_user)
    redact(cast, request, text, "text", Reason.ABOUT_ANOTHER)
    said = downloaded(cast, release(cast, request), cast.fred_user)
    assert "CANARY" not in said
    assert "It is about somebody else" in said
    assert "He likes to cook." in said


def test_the_redaction_test_goes_red_when_it_is_forgotten(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(copies, "_redactions", lambda request: {})
    with pytest.raises(AssertionError):
        test_a_redaction_is_of_one_field_and_says_why(cast)


def test_what_endangers_leaves_no_trace(cast: Cast):
    text = note(cast, cast.fred, "CANARY: the police come on Friday.")
    safeguard = factories.safeguard(cast, cast.fred, evidence="CANARY again")
    request = ask(cast, cast.fred, cast.fred_user)
    redact(cast, request, text, "text", Reason.ENDANGERS)
    redact(cast, request, safeguard, copies.WHOLE_ROW, Reason.ENDANGERS)
    said = downloaded(cast, release(cast, request), cast.fred_user)
    assert "CANARY" not in said
    assert str(Reason.ENDANGERS.label) not in said
    assert "endangers" not in said
    assert str(Safeguard.objects.get(pk=safeguard.pk).reference) not in said


def test_what_was_left_out_can_be_put_back(cast: Cast):
    text = note(cast, cast.fred, "He likes to cook.")
    request = ask(cast, cast.fred, cast.fred_user)
    redaction = redact(cast, request, text, "text", Reason.LEGAL_ADVICE)
    copies.restore(redaction=redaction, user=cast.adam, by=cast.by(cast.adam), at=cast.at)
    assert "He likes to cook." in downloaded(cast, release(cast, request), cast.fred_user)


@pytest.mark.parametrize("name", ["ingrid", "colin", "amira", "fred_user"])
def test_only_the_administrator_of_the_lead_or_the_county_reviews(name: str, cast: Cast):
    request = ask(cast, cast.fred, cast.fred_user)
    user = cast.users[name]
    with pytest.raises(requests.NotForThem):
        requests.take(request=request, user=user, by=cast.by(user), at=cast.at)
    with pytest.raises(requests.NotForThem):
        copies.release(request=request, user=user, by=cast.by(user), at=cast.at)


def test_a_child_asks_without_anybody_at_home_knowing(cast: Cast):
    request = release(cast, ask(cast, cast.jamie, cast.jamie_user))
    assert request.is_confidential
    with pytest.raises(copies.NotReady):
        downloaded(cast, request, cast.fred_user)
    assert "Mum" in downloaded(cast, request, cast.jamie_user)


def test_standing_is_asked_again_at_the_download(cast: Cast):
    request = release(cast, ask(cast, cast.jamie, cast.fred_user))
    Responsibility.objects.filter(holder=cast.fred).delete()
    with pytest.raises(copies.NotReady):
        downloaded(cast, request, cast.fred_user)


def test_the_same_is_not_asked_twice(cast: Cast):
    ask(cast, cast.fred, cast.fred_user)
    with pytest.raises(requests.AlreadyAsked):
        ask(cast, cast.fred, cast.fred_user)
