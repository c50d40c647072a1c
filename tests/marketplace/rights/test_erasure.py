"""Erasing a person: nothing of her is left, everything that was counted adds up."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budgets import history, ledger, plans, proofs
from budgets.models import Event, EventText, Family, Goal, Member, Person, Total, Transfer
from marketplace.insight import spend
from marketplace.people.models import User
from marketplace.referrals.models import Application, EndReason, Referral, Rung
from marketplace.rights import blanks, erasure, holds, record, requests
from marketplace.rights.models import RequestKind, RequestState, RightsRequest
from marketplace.sharing import safeguards
from marketplace.sharing.models import Basis, Safeguard
from tests import factories
from tests.cast import Cast
from tests.marketplace.rights.test_record import note

CANARY = "CANARY"


def ask(cast: Cast, person: Person, user: User) -> RightsRequest:
    """Ask for erasure."""
    return requests.ask(
        person=person, kind=RequestKind.ERASURE, user=user, by=cast.by(user), at=cast.at
    )


def erase(cast: Cast, person: Person, user: User) -> RightsRequest:
    """Ask, and erase as Adam."""
    request = ask(cast, person, user)
    return erasure.erase(request=request, user=cast.adam, by=cast.by(cast.adam), at=cast.at)


def give_anne_a_past(cast: Cast, *, spent_pence: int = 2_500, basis: str = Basis.CONSENT) -> None:
    """Write something of every kind about Anne, all of it finished."""
    Person.objects.filter(pk=cast.anne.pk).update(
        first_name="CANARYanne", last_name=CANARY, email="canary@x.example", phone=CANARY
    )
    cast.anne.first_name = "CANARYanne"
    referral = factories.referral(
        cast, cast.anne, rung=Rung.COMPLETED, end_reason=EndReason.GOAL_MET, end_words=CANARY,
        instead_of=CANARY, need=cast.need,
    )  # fmt: skip
    factories.application(referral, answers={"what": CANARY}, basis=basis)
    factories.approval(cast, referral, state="closed", words=CANARY)
    factories.step(cast, referral, facts={"what": CANARY})
    booking = factories.booking(cast, referral, state="finished", words=CANARY)
    factories.session(cast, booking, state="delivered")
    factories.look(cast, cast.anne)
    factories.safeguard(cast, cast.anne, evidence=CANARY, closed_at=cast.at, closed_for="unfounded")
    plans.add_goal(plan=cast.plan, words=CANARY, person=cast.anne, by=factories.CLOCK, at=cast.at)
    note(cast, cast.anne, CANARY)
    _spend(cast, referral, spent_pence)


def _spend(cast: Cast, referral: Referral, pence: int) -> None:
    envelope = cast.plan.envelopes.get(fund=cast.county_fund)
    given: dict[str, Any] = {"by": factories.CLOCK, "at": cast.at}
    hold = ledger.hold(
        envelope=envelope,
        organisation=cast.mentors,
        amount_pence=pence,
        key=f"past:{referral.pk}",
        service=cast.mentor,
        subject=referral.reference,
        person=referral.person,
        is_confidential=False,
        **given,
    )
    ledger.post(hold=hold, key=f"past:{referral.pk}:post", **given)


def no_duty() -> None:
    """Let nothing be kept by a duty, so that everything that was closed may go."""
    apps.get_model("rights", "RetentionRule").objects.update(is_duty=False)


def everything() -> str:
    """Return every value of every table of ours, as one text."""
    found = []
    with connection.cursor() as cursor:
        for model in record.walk():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found).lower()


def sums() -> dict[str, Any]:
    """Return everything that adds up."""
    return {
        "totals": list(Total.objects.order_by("pk").values()),
        "transfers": list(Transfer.objects.order_by("pk").values()),
        "events": list(Event.objects.order_by("pk").values()),
        "spend": spend.review(totals=Total.objects.all()),
    }


def test_nothing_of_her_is_left_and_everything_adds_up(cast: Cast):
    no_duty()
    give_anne_a_past(cast)
    assert everything().count("canary") > 10
    before = sums()
    request = erase(cast, cast.anne, cast.anne_user)
    assert request.state == RequestState.DONE
    assert "canary" not in everything()
    after = sums()
    assert after["events"][: len(before["events"])] == before["events"]
    assert {key: after[key] for key in ("totals", "transfers", "spend")} == {
        key: before[key] for key in ("totals", "transfers", "spend")
    }
    assert proofs.prove().ok
    anne = Person.objects.get(pk=cast.anne.pk)
    assert (anne.name, anne.email, anne.born_on) == (blanks.SOMEBODY, "", None)


def test_that_test_goes_red_when_texts_are_forgotten(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """The twin: erased without what was written in the history."""
    monkeypatch.setattr(erasure, "_erase_texts", lambda events: None)
    monkeypatch.setattr(
        blanks, "OTHERWISE", {**blanks.OTHERWISE, "budgets.EventText.text": "CANARY"}
    )
    with pytest.raises(AssertionError):
        test_nothing_of_her_is_left_and_everything_adds_up(cast)


def test_she_cannot_sign_in_any_more(cast: Cast):
    no_duty()
    erase(cast, cast.anne, cast.anne_user)
    user = User.objects.get(pk=cast.anne_user.pk)
    assert (user.is_active, user.person, user.has_usable_password()) == (False, None, False)
    assert not user.email.startswith("anne")
    client = Client()
    client.force_login(cast.anne_user)
    assert client.get("/family/").status_code == 302


def test_the_digest_stands_where_the_text_is_gone(cast: Cast):
    no_duty()
    event = note(cast, cast.anne, CANARY).event
    erase(cast, cast.anne, cast.anne_user)
    assert not EventText.objects.filter(event=event).exists()
    assert Event.objects.get(pk=event.pk).text_digest == event.text_digest != ""


def test_those_who_stay_are_as_they_were(cast: Cast):
    no_duty()
    give_anne_a_past(cast)
    stay = (cast.fred, cast.stacey, cast.jamie, cast.josh, cast.olive)
    kept = {
        person.pk: record.gather(person=person, knows_secrets=True, at=cast.at) for person in stay
    }
    erase(cast, cast.anne, cast.anne_user)
    for person in stay:
        now = record.gather(person=person, knows_secrets=True, at=cast.at)
        assert now == kept[person.pk]
    assert Family.objects.get(pk=cast.family.pk).name == "Fred’s household"


def test_a_household_that_is_called_after_her_is_so_no_more(cast: Cast):
    no_duty()
    Family.objects.filter(pk=cast.family.pk).update(name="Anne and Fred")
    erase(cast, cast.anne, cast.anne_user)
    assert "Anne" not in Family.objects.get(pk=cast.family.pk).name


def test_the_last_of_a_household_takes_its_words_along(cast: Cast):
    no_duty()
    plan = cast.neighbours_plan
    plan.vision = CANARY
    plan.save(update_fields=["vision"])
    Family.objects.filter(pk=cast.neighbours.pk).update(name=CANARY, postcode="CAN ARY")
    assert [why.code for why in erasure.why_not(person=cast.olive, at=cast.at)] == ["open_plan"]
    plans.close(
        plan=plan,
        on=cast.day,
        must_be_safe=safeguards.must_be_none_at_home,
        by=factories.CLOCK,
        at=cast.at,
    )
    erase(cast, cast.olive, cast.olive_user)
    assert "canary" not in everything()


def codes(cast: Cast, person: Person) -> list[str]:
    """Return why a person cannot be erased."""
    return [why.code for why in erasure.why_not(person=person, at=cast.at)]


def test_what_has_to_be_kept_says_why_and_until_when(cast: Cast):
    referral = factories.referral(cast, cast.anne, rung=Rung.COMPLETED)
    factories.application(referral, basis=Basis.PUBLIC_TASK)
    (why,) = erasure.why_not(person=cast.anne, at=cast.at)
    assert (why.code, why.until and why.until.year) == ("duty", cast.day.year + 6)
    assert str(cast.day.year + 6) in why.sentence
    Application.objects.update(basis=Basis.CONSENT)
    assert codes(cast, cast.anne) == []


def test_what_is_open_is_finished_first(cast: Cast):
    assert codes(cast, cast.fred) == ["decides"]
    factories.referral(cast, cast.anne)
    factories.safeguard(cast, cast.anne)
    factories.legal_hold(cast, None, family=cast.family)
    assert codes(cast, cast.anne) == ["legal_hold", "safeguard", "open_referral"]


def test_a_refusal_leaves_no_trace(cast: Cast):
    request = ask(cast, cast.anne, cast.anne_user)
    factories.safeguard(cast, cast.anne)
    before = everything()
    with pytest.raises(erasure.CannotErase):
        erasure.erase(request=request, user=cast.adam, by=cast.by(cast.adam), at=cast.at)
    assert everything() == before


def test_after_the_hold_is_lifted_it_goes(cast: Cast):
    no_duty()
    adam: dict[str, Any] = {"user": cast.adam, "by": cast.by(cast.adam), "at": cast.at}
    hold = holds.place(on=cast.anne, reason="A claim.", **adam)
    request = ask(cast, cast.anne, cast.anne_user)
    with pytest.raises(erasure.CannotErase):
        erasure.erase(request=request, **adam)
    holds.lift(hold=hold, reason="It is settled.", **adam)
    assert erasure.erase(request=request, **adam).state == RequestState.DONE


def test_that_test_goes_red_when_the_hold_is_ignored(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(erasure, "_kept_by_law", lambda person: iter(()))
    with pytest.raises(pytest.fail.Exception):
        test_after_the_hold_is_lifted_it_goes(cast)


PAST = st.lists(
    st.tuples(
        st.sampled_from(["anne", "stacey", "jamie"]),
        st.sampled_from(["referral", "goal", "text", "safeguard", "spend", "session", "step"]),
        st.booleans(),
        st.integers(min_value=1, max_value=50_000),
    ),
    max_size=12,
)


@given(past=PAST, who=st.sampled_from(["anne", "stacey"]))
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_was_there_it_still_adds_up(cast: Cast, past: Any, who: str):
    with transaction.atomic():
        for number, (name, kind, is_secret, pence) in enumerate(past):
            _happen(cast, getattr(cast, name), kind, is_secret, pence, number)
        no_duty()
        _adds_up_without(cast, getattr(cast, who))
        transaction.set_rollback(True)  # the next example begins with the cast again


def _adds_up_without(cast: Cast, person: Person) -> None:
    before = sums()
    others = [cast.fred, cast.olive]
    kept = [record.gather(person=one, knows_secrets=True, at=cast.at) for one in others]
    if not erasure.why_not(person=person, at=cast.at):
        request = factories.rights_request(cast, person, kind=RequestKind.ERASURE)
        erasure.erase(request=request, user=cast.adam, by=cast.by(cast.adam), at=cast.at)
    assert proofs.prove().ok
    after = sums()
    assert after["events"][: len(before["events"])] == before["events"]
    for what in ("totals", "spend", "transfers"):
        assert after[what] == before[what]
    assert kept == [record.gather(person=one, knows_secrets=True, at=cast.at) for one in others]


def _happen(
    cast: Cast, person: Person, kind: str, is_secret: bool, pence: int, number: int
) -> None:
    if kind == "goal":
        Goal.objects.create(
            plan=cast.plan, person=person, words=CANARY, is_confidential=is_secret, position=number
        )
    elif kind == "text":
        note(cast, person, CANARY, is_confidential=is_secret)
    elif kind == "safeguard":
        closed = {"closed_at": cast.at, "closed_for": "unfounded"} if pence % 3 else {}
        factories.safeguard(cast, person, is_confidential=is_secret, **closed)
    else:
        referral = factories.referral(
            cast, person, rung=Rung.COMPLETED, end_words=CANARY, is_confidential=is_secret
        )
        if kind == "spend":
            _spend(cast, referral, pence)
        elif kind == "session":
            booking = factories.booking(cast, referral, state="finished", words=CANARY)
            factories.session(cast, booking, state="delivered")
        elif kind == "step":
            factories.step(cast, referral, facts={"what": CANARY})


PAGES = [
    "/family/", "/family/money/", "/family/plan/", "/family/choose/", "/family/next/",
    "/family/helpers/", "/family/looks/", "/family/sharing/",
]  # fmt: skip


def test_all_pages_still_open_for_those_who_stay(cast_today: Cast):
    cast = cast_today
    no_duty()
    give_anne_a_past(cast)
    Safeguard.objects.filter(person=cast.anne).update(is_confidential=False)
    erase(cast, cast.anne, cast.anne_user)
    for user in (cast.fred_user, cast.stacey_user, cast.amira, cast.colin, cast.ingrid):
        client = Client()
        client.force_login(user)
        pages = {
            cast.amira: ["/advocate/", f"/advocate/families/{cast.family.reference}/"],
            cast.colin: ["/commissioner/spend/", "/commissioner/spend/movements/"],
            cast.ingrid: ["/provider/"],
        }.get(user, PAGES)
        for page in pages:
            answer = client.get(page, follow=True)
            assert answer.status_code == 200, page
            assert b"CANARY" not in answer.content, page


def test_her_time_in_the_household_ends(cast: Cast):
    no_duty()
    erase(cast, cast.anne, cast.anne_user)
    member = Member.objects.get(person=cast.anne)
    assert member.left_on == cast.day
    assert member.joined_on < cast.day - timedelta(days=1)


def test_history_says_that_it_was_done(cast: Cast):
    no_duty()
    erase(cast, cast.anne, cast.anne_user)
    assert history.of(cast.anne.reference).filter(verb="erased").count() == 1


def test_every_model_of_the_walk_is_read_by_this_test():
    assert models.Model not in set(record.walk())
    assert len(list(record.walk())) > 20
