"""Every night: what is past its time goes; what a hold or an open concern needs stays."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from budgets import history
from budgets.models import Event, EventText, FormKey, Member, Person
from cms.models import OrganisationKind
from marketplace.management.commands import nightly
from marketplace.notices.models import Notice
from marketplace.people.roles import Role
from marketplace.referrals.models import Application, Referral, Rung
from marketplace.rights import blanks, holds, months, nights, retention
from marketplace.rights.models import (
    LegalHold,
    Night,
    RetentionAct,
    RetentionRule,
    RetentionRun,
)
from tests import factories
from tests.cast import Cast
from tests.marketplace.rights.test_record import note

LONG_AGO = timedelta(days=365 * 30)


def old(cast: Cast, person: Person, years: int = 7, **fields: Any) -> Application:
    """Add what was told to a service that was finished years ago."""
    at = cast.at - timedelta(days=365 * years)
    referral = factories.referral(
        cast, person, rung=Rung.COMPLETED, ended_at=at, end_words="CANARY", **fields
    )
    return factories.application(referral, answers={"what": "CANARY"})


def night(cast: Cast) -> int:
    """Let the night pass."""
    return retention.nightly(at=cast.at)


def answers(application: Application) -> dict[str, str]:
    """Return what is left of what was told."""
    found: dict[str, str] = Application.objects.get(pk=application.pk).answers
    return found


def test_what_is_past_its_time_goes_and_the_rest_stays(cast: Cast):
    past, kept = old(cast, cast.fred), old(cast, cast.anne, years=5)
    night(cast)
    assert answers(past) == {}
    assert answers(kept) == {"what": "CANARY"}
    assert Referral.objects.get(pk=past.referral_id).end_words == ""
    assert Referral.objects.get(pk=past.referral_id).rung == Rung.COMPLETED


def test_a_legal_hold_keeps_it_and_that_is_written_down(cast: Cast):
    past = old(cast, cast.fred)
    factories.legal_hold(cast, cast.fred)
    night(cast)
    assert answers(past) == {"what": "CANARY"}
    run = RetentionRun.objects.get(rule__code="applications")
    assert (run.done, run.kept_back) == (0, 1)


def test_that_test_goes_red_when_the_hold_is_ignored(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """The twin."""
    monkeypatch.setattr(holds, "held_persons", lambda: Person.objects.none().values("pk"))
    with pytest.raises(AssertionError):
        test_a_legal_hold_keeps_it_and_that_is_written_down(cast)


def test_a_hold_on_the_household_keeps_everybodys(cast: Cast):
    past, neighbours = old(cast, cast.jamie), old(cast, cast.olive, family=cast.neighbours)
    factories.legal_hold(cast, None, family=cast.family)
    night(cast)
    assert answers(past) != {}
    assert answers(neighbours) == {}


def test_an_open_concern_keeps_it_until_it_is_closed(cast: Cast):
    past = old(cast, cast.josh)
    concern = factories.safeguard(cast, cast.josh)
    night(cast)
    assert answers(past) != {}
    concern.closed_at, concern.closed_for = cast.at, "unfounded"
    concern.save()
    night(cast)
    assert answers(past) == {}


def test_texts_go_and_their_lines_stand(cast: Cast):
    text = note(cast, cast.fred, "CANARY")
    recent = note(cast, cast.fred, "Recent.")
    # An event is never changed: the clock of the night is set forward instead.
    rule = RetentionRule.objects.get(code="history-texts")
    done = retention.apply(rule=rule, at=cast.at + timedelta(days=366 * 10))
    assert done == 2
    assert not EventText.objects.filter(pk__in=[text.pk, recent.pk]).exists()
    assert Event.objects.filter(pk__in=[text.event_id, recent.event_id]).count() == 2


def test_what_is_of_no_use_any_more_is_deleted(cast: Cast):
    at = cast.at - timedelta(days=400)
    FormKey.objects.create(key=cast.family.reference, user_reference="x", request_digest="x", at=at)
    Notice.objects.create(
        user=cast.dev, channel="in_app", kind="promise_late", subject_kind="referral",
        subject=cast.family.reference, created_at=at, send_after=at, sent_at=at,
    )  # fmt: skip
    factories.look(cast, cast.fred, at=cast.at - timedelta(days=365 * 7))
    assert night(cast) == 3
    assert not FormKey.objects.exists()
    assert not Notice.objects.exists()


def test_who_left_long_ago_is_forgotten(cast: Cast):
    for person in (cast.anne, cast.olive):
        Member.objects.filter(person=person).update(
            joined_on=(cast.at - LONG_AGO).date(), left_on=cast.day - timedelta(days=365 * 7)
        )
    factories.legal_hold(cast, cast.olive)
    night(cast)
    assert Person.objects.get(pk=cast.anne.pk).name == blanks.SOMEBODY
    assert Person.objects.get(pk=cast.olive.pk).name == "Olive Next"
    assert Person.objects.get(pk=cast.fred.pk).name == "Fred Garner"
    assert history.of(cast.anne.reference).filter(verb="erased", actor_kind="clock").exists()


def test_the_second_night_finds_nothing_to_do(cast: Cast):
    old(cast, cast.fred)
    assert night(cast) > 0
    assert night(cast) == 0


def test_it_goes_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    past = [old(cast, cast.fred) for _number in range(5)]
    night(cast)
    assert [answers(one) for one in past] == [{}] * 5


@pytest.mark.once
def test_every_rule_names_a_row_a_clock_and_its_source(db: None):
    rules = list(RetentionRule.objects.all())
    assert len(rules) >= 15
    for rule in rules:
        model = apps.get_model(rule.label)
        assert retention._end_of(model, rule.clock, retention.cutoff(rule, on=_day()))
        assert rule.source.startswith("Placeholder")
        if rule.act == RetentionAct.ERASE and model is not Person:
            assert blanks.values(model)
        if rule.act == RetentionAct.ERASE_TEXT:
            assert blanks.values(model, only_written=True)


def _day() -> Any:
    return apps.get_model("budgets", "Member")._meta.get_field("joined_on").to_python("2026-06-03")


@pytest.mark.once
@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2024-02-29", 72, "2030-02-28"),
        ("2026-06-03", -300, "2001-06-03"),
    ],
)
def test_months_are_calendar_months(day: str, count: int, expected: str):
    field = apps.get_model("budgets", "Member")._meta.get_field("joined_on")
    assert months.after(field.to_python(day), count) == field.to_python(expected)


def test_a_hold_is_placed_and_lifted_with_a_reason_by_an_administrator(cast: Cast):
    adam: dict[str, Any] = {"user": cast.adam, "by": cast.by(cast.adam), "at": cast.at}
    with pytest.raises(holds.NoReason):
        holds.place(on=cast.fred, reason=" ", **adam)
    hold = holds.place(on=cast.fred, reason="A claim.", **adam)
    with pytest.raises(holds.AlreadyHeld):
        holds.place(on=cast.fred, reason="Again.", **adam)
    for user in (cast.colin, cast.fred_user, cast.amira):
        with pytest.raises(holds.NotForThem):
            holds.place(on=cast.family, reason="No.", user=user, by=cast.by(user), at=cast.at)
        with pytest.raises(holds.NotForThem):
            holds.lift(hold=hold, reason="No.", user=user, by=cast.by(user), at=cast.at)
    with pytest.raises(holds.NoReason):
        holds.lift(hold=hold, reason="", **adam)
    holds.lift(hold=hold, reason="Settled.", **adam)
    with pytest.raises(holds.IsLifted):
        holds.lift(hold=hold, reason="Settled.", **adam)
    assert [event.verb for event in history.of(hold.reference)] == ["placed", "lifted"]


def test_an_administrator_elsewhere_does_not_lift_it(cast: Cast):
    hold = factories.legal_hold(cast, cast.fred)
    charity = factories.worker(cast, cast.beacon, Role.ADMINISTRATOR)
    district = factories.worker(cast, cast.district, Role.ADMINISTRATOR)
    assert cast.beacon.kind == OrganisationKind.CHARITY
    for user in (charity, district):
        with pytest.raises(holds.NotForThem):
            holds.lift(hold=hold, reason="No.", user=user, by=cast.by(user), at=cast.at)
    assert LegalHold.objects.get(pk=hold.pk).is_standing


def test_a_night_is_done_once(cast: Cast):
    assert nightly.work(at=cast.at) is not None
    assert nightly.work(at=cast.at + timedelta(hours=3)) is None
    assert nightly.work(at=cast.at, again=True) is not None
    assert nightly.work(at=cast.at + timedelta(days=1)) is not None
    assert Night.objects.filter(ended_at__isnull=False).count() == 2


def test_the_local_day_counts(cast: Cast):
    at = cast.at.replace(hour=22, minute=30)  # half past eleven in Leicester
    assert nightly.work(at=at) is not None
    assert nightly.work(at=at + timedelta(hours=1)) is not None


def test_a_night_whose_worker_died_is_taken_up(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    def dies(*, at: Any) -> int:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setitem(nightly.JOBS, "retention", dies)
        with pytest.raises(ZeroDivisionError):
            nightly.work(at=cast.at)
    assert nightly.work(at=cast.at + timedelta(minutes=1)) is None
    assert nightly.work(at=cast.at + nights.LEASE) is not None


def test_the_command_and_the_sweep_share_the_day(db: None, capsys: pytest.CaptureFixture[str]):
    call_command("sweep", "--once")
    assert Night.objects.filter(ended_at__isnull=False).count() == 1
    call_command("nightly")
    assert "is done" in capsys.readouterr().out
    call_command("nightly", "--again")
    assert "retention: 0" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_do_the_night_once(monkeypatch: pytest.MonkeyPatch):
    done: list[str] = []

    def count(*, at: Any) -> int:
        done.append("counted")
        return 1

    start = threading.Barrier(2)
    monkeypatch.setattr(nightly, "JOBS", {"count": count})
    moment = (
        apps.get_model("rights", "Night")
        ._meta.get_field("began_at")
        .to_python("2026-06-03T02:00:00+00:00")
    )

    def sweep() -> None:
        start.wait(timeout=20)
        try:
            nightly.sweep(at=moment)
        finally:
            connection.close()

    sweepers = [threading.Thread(target=sweep) for _number in range(2)]
    for sweeper in sweepers:
        sweeper.start()
    for sweeper in sweepers:
        sweeper.join(timeout=60)
    assert done == ["counted"]
