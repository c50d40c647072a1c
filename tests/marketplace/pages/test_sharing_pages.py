"""The pages of sharing: the one form at home and with an advocate, what is known, and told."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from budgets.models import Plan
from marketplace.people.models import User
from marketplace.people.roles import Role
from marketplace.sharing import sharing
from marketplace.sharing.models import (
    Basis,
    Consent,
    ConsentHow,
    Fact,
    FactForm,
    Information,
    Look,
    Reason,
    Scope,
)
from tests import factories
from tests.cast import Cast

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def send(user: User, name: str, *args: Any, **said: Any) -> Any:
    """Send a form as somebody, with its key."""
    sent = {"form_key": str(uuid.uuid4()), **said}
    return browser(user).post(reverse(name, args=args), sent)


def chosen(cast: Cast, **changes: Any) -> dict[str, Any]:
    """Return the one form filled in: the police may see Jamie's plan for three months."""
    said = {
        "person": str(cast.jamie.reference),
        "recipient": f"{cast.police.reference}:{Role.LEAD_PROFESSIONAL}",
        "kinds": [Information.PLAN.value],
        "purpose": "plan",
        "length": "92",
    }
    return {**said, **changes}


def test_a_parent_says_yes_to_some_kinds_for_some_time(cast_today: Cast):
    cast = cast_today
    answer = send(cast.fred_user, "family_share", **chosen(cast))
    assert answer["Location"] == reverse("family_sharing")
    reason = Reason.objects.get()
    assert (reason.person, reason.opens, reason.scope) == (
        cast.jamie,
        (Information.PLAN,),
        Scope.RECORD,
    )
    assert reason.ends_at is not None
    assert timezone.localdate(reason.ends_at) == cast.day + timedelta(days=92)
    consent = Consent.objects.get()
    assert (consent.given_by, consent.how) == (cast.fred, ConsentHow.SIGNED_IN)
    assert "Leicestershire Police" in consent.words
    page = browser(cast.fred_user).get(reverse("family_sharing")).content.decode()
    assert "About Jamie: the plan, and what you want to change." in page
    assert "Then it ends by itself." in page
    assert "The yes: from you, here, on" in page


def test_what_is_ticked_and_what_it_is_for_are_each_called_by_their_own_words(cast_today: Cast):
    page = browser(cast_today.fred_user).get(reverse("family_share")).content.decode()
    for words in (
        "The plan, and what you want to change",
        "Help you asked for, and how it goes",
        "Worries about safety",
        "To plan help with you",
        "To give the support",
    ):
        assert page.count(words) == 1


def test_a_form_without_kinds_says_so_and_keeps_what_was_typed(cast_today: Cast):
    cast = cast_today
    page = send(cast.fred_user, "family_share", **chosen(cast, kinds=[])).content.decode()
    assert "<title>Error:" in page
    assert 'value="92" ' in page
    assert not Consent.objects.exists()


def test_a_child_does_not_share_what_others_decide_nor_for_others(cast_today: Cast):
    cast = cast_today
    assert browser(cast.jamie_user).get(reverse("family_share")).status_code == 404
    assert send(cast.stacey_user, "family_share", **chosen(cast)).status_code == 200
    assert send(cast.anne_user, "family_share", **chosen(cast)).status_code == 200
    assert not Consent.objects.exists()


def test_everything_that_rests_on_a_yes_is_stopped_at_once(cast_today: Cast):
    cast = cast_today
    send(cast.fred_user, "family_share", **chosen(cast))
    send(cast.fred_user, "family_share", **chosen(cast, person=str(cast.fred.reference)))
    kept = factories.reason(cast, cast.jamie, basis=Basis.PUBLIC_TASK)
    secret = factories.reason(cast, cast.jamie, is_confidential=True)
    page = browser(cast.fred_user).get(reverse("family_stop_all")).content.decode()
    assert page.count("You can stop this.") == 2
    send(cast.fred_user, "family_stop_all")
    assert set(Reason.objects.live(timezone.now())) == {kept, secret}
    assert not sharing.visible(Plan.objects.all(), user=cast.sam, at=timezone.now())


def test_the_form_to_print_says_what_cannot_be_stopped_and_who_decides(cast_today: Cast):
    cast = cast_today
    factories.reason(
        cast,
        cast.jamie,
        organisation=cast.county,
        role=Role.INTAKE_WORKER,
        basis=Basis.PUBLIC_TASK,
    )
    page = browser(cast.fred_user).get(reverse("family_sharing_form")).content.decode()
    assert "You cannot stop this here. Who decides: Leicestershire County Council" in page
    assert "To say yes on paper" in page


def told(cast: Cast, **changes: Any) -> dict[str, Any]:
    """Return the form as Amira fills it in with Fred."""
    said = {
        "given_by": str(cast.fred.reference),
        "how": ConsentHow.ON_PAPER.value,
        "told_on": cast.day.isoformat(),
    }
    return chosen(cast, **{**said, **changes})


def test_an_advocate_writes_down_what_she_was_told_and_stops_it(cast_today: Cast):
    cast = cast_today
    answer = send(cast.amira, "advocate_sharing", cast.family.reference, **told(cast))
    assert answer.status_code == 302
    consent = Consent.objects.get()
    assert (consent.given_by, consent.told_to, consent.how) == (cast.fred, cast.amira, "on_paper")
    reason = consent.reasons.get()
    send(cast.amira, "advocate_stop_sharing", reason.reference)
    assert not Reason.objects.live(timezone.now()).exists()


def test_an_advocate_writes_no_yes_for_who_did_not_choose_her(cast_today: Cast):
    cast = cast_today
    stacey = str(cast.stacey.reference)
    answer = send(
        cast.amira, "advocate_sharing", cast.family.reference, **told(cast, person=stacey)
    )
    assert answer.status_code == 422
    late = (cast.day + timedelta(days=1)).isoformat()
    answer = send(cast.amira, "advocate_sharing", cast.family.reference, **told(cast, told_on=late))
    assert "It cannot be a day to come." in answer.content.decode()
    assert not Consent.objects.exists()


def test_a_fact_is_written_down_checked_and_shown_with_who_was_told(cast_today: Cast):
    cast = cast_today
    fact = {
        "person": str(cast.jamie.reference),
        "key": "attends_school",
        "value": "no",
        "came_from": "agency",
        "place": cast.county.pk,
    }
    send(cast.amira, "advocate_facts", cast.family.reference, **fact)
    known = Fact.objects.get()
    assert (known.value, known.source_organisation) == (False, cast.county)
    asked = factories.reason(cast, cast.jamie, organisation=cast.county, role=Role.INTAKE_WORKER)
    offered = factories.fact_offer(cast, known, reason=asked)
    factories.fact_offer(
        cast,
        known,
        reason=asked,
        form=FactForm.YES_NO,
        operator="is",
        operand=True,
        question="Goes to school every day?",
    )
    told_page = browser(cast.ingrid).get(reverse("told", args=[cast.jamie.reference]))
    assert "Goes to school every day?" in told_page.content.decode()
    assert Look.objects.filter(user=cast.ingrid, subject_kind="fact").exists()
    send(cast.ingrid, "told_check", offered.reference, how="seen_document")
    send(cast.amira, "advocate_check_fact", known.reference, how="seen_document")  # her own word
    known.refresh_from_db()
    assert known.verified_by == cast.ingrid
    page = browser(cast.fred_user).get(reverse("family_facts")).content.decode()
    for words in (
        "Goes to school: no",
        "Another place said so: Leicestershire County Council",
        "saw a letter or paper",
        "was told only yes or no to",
        "Say it is wrong",
    ):
        assert words in page


def test_only_whom_it_is_about_and_who_decides_reads_what_is_known(cast_today: Cast):
    cast = cast_today
    factories.fact(cast, cast.jamie)
    factories.fact(cast, cast.jamie, key="uses_drugs", is_confidential=True)
    address = reverse("family_facts")
    for user, open_, secret in (
        (cast.jamie_user, True, True),
        (cast.fred_user, True, False),
        (cast.anne_user, False, False),
        (cast.stacey_user, False, False),
    ):
        page = browser(user).get(address).content.decode()
        assert ("Goes to school" in page, "Uses drugs" in page) == (open_, secret)
