"""One form for several services: saved as it goes, shown exactly, sent once, gone in time."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budgets import history
from cms.models import Question, Service
from marketplace.management.commands import nightly
from marketplace.people.models import Appointment
from marketplace.referrals import applications, drafts, referrals, sittings
from marketplace.referrals.models import Application, Draft, Referral, Rung
from marketplace.rights import retention
from tests import factories
from tests.cast import Cast
from tests.marketplace.referrals import climbing, forms
from tests.marketplace.referrals.test_commission_races import race

FILLED = drafts.Filled(why=sittings.Why(), answers=climbing.ANSWERS)


def start(cast: Cast, *services: Service, who: str = "amira", **more: Any) -> Draft:
    """Start a form for Jamie."""
    said: dict[str, Any] = {"person": cast.jamie, **more}
    return drafts.start(
        family=cast.family,
        services=services or (cast.mentor, cast.family_support),
        by=cast.by(cast.users[who]),
        at=cast.at,
        **said,
    )


def pack(cast: Cast, draft: Draft, filled: drafts.Filled = FILLED) -> list[applications.Parcel]:
    """Return what each service would get."""
    return drafts.pack(
        draft=draft, filled=filled, user=cast.amira, by=cast.by(cast.amira), at=cast.at
    )


def send(cast: Cast, draft: Draft, *, seen: str = "", filled: drafts.Filled = FILLED) -> Draft:
    """Send it as it was shown just now."""
    return drafts.send(
        draft=draft,
        filled=filled,
        seen=seen or drafts.mark(draft, pack(cast, draft, filled)),
        by=cast.by(cast.amira),
        at=cast.at,
    )


def told() -> dict[str, dict[str, Any]]:
    """Return what each service was told."""
    rows = Application.objects.select_related("referral__service")
    return {row.referral.service.slug: row.answers for row in rows}


def again(draft: Draft) -> Draft:
    """Return a draft as it is now."""
    return Draft.objects.get(pk=draft.pk)


def test_what_was_typed_is_kept_field_by_field(cast: Cast) -> None:
    draft = start(cast, why={"need": "leisure"})
    by, later = cast.by(cast.amira), cast.later(hours=2)
    drafts.save(draft=draft, why={"comes": "as_well"}, by=by, at=later)
    drafts.save(draft=draft, answers={"answer_likes": "Bi"}, by=by, at=later)
    drafts.save(draft=draft, answers={"answer_likes": "Bikes"}, by=by, at=later)
    found = again(draft)
    assert found.why == {"need": "leisure", "comes": "as_well"}
    assert found.answers == {"answer_likes": "Bikes"}
    assert found.saved_at == later
    assert found.kept_until == later + timedelta(days=90)
    assert Referral.objects.count() == 0


def test_a_slow_save_does_not_undo_what_was_typed_after_it(cast: Cast) -> None:
    """The later change arrives first; from another page whatever comes last stands."""
    draft, by = start(cast), cast.by(cast.amira)
    page, other = uuid4(), uuid4()

    def save(words: str, page: UUID, turn: int) -> str:
        drafts.save(
            draft=draft,
            answers={"answer_likes": words},
            by=by,
            at=cast.at,
            typed=drafts.Typed(page, turn),
        )
        return str(again(draft).answers["answer_likes"])

    assert save("Bikes", page, 7) == "Bikes"
    assert save("Bi", page, 6) == "Bikes"
    assert save("Bikes!", page, 8) == "Bikes!"
    assert save("On the bus", other, 2) == "On the bus"


@pytest.mark.once
def test_with_the_order_forgotten_that_test_goes_red(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = drafts.save
    monkeypatch.setattr(drafts, "save", lambda *, typed, **said: real(**said))
    with pytest.raises(AssertionError):
        test_a_slow_save_does_not_undo_what_was_typed_after_it(cast)


def test_it_is_for_its_author_while_she_may_know_the_person(cast: Cast) -> None:
    draft = start(cast)
    for name, user in cast.users.items():
        seen = drafts.mine(user=user, at=cast.at).filter(pk=draft.pk).exists()
        assert seen == (name == "amira"), name
    for who in ("fred_user", "jamie_user", "nadia", "ingrid"):
        with pytest.raises(drafts.NotYours):
            drafts.save(draft=draft, why={}, by=cast.by(cast.users[who]), at=cast.at)
    Appointment.objects.filter(user=cast.amira).update(ends_on=cast.day)
    assert not drafts.mine(user=cast.amira, at=cast.later(days=2)).exists()
    with pytest.raises(drafts.NotYours):
        drafts.discard(draft=draft, by=cast.by(cast.amira), at=cast.later(days=2))


def test_what_is_about_a_secret_is_marked_as_one(cast: Cast) -> None:
    assert not start(cast).is_confidential
    assert start(cast, cast.confidential).is_confidential
    assert start(cast, why={"is_private": "on"}).is_confidential
    secret = start(cast, why={"goal": str(cast.jamie_secret_goal.reference)})
    assert secret.is_confidential
    assert drafts.mine(user=cast.amira, at=cast.at).filter(pk=secret.pk).exists()


@pytest.mark.parametrize(
    ("count", "refusal"), [(0, drafts.NothingChosen), (16, drafts.TooManyChosen)]
)
def test_a_form_goes_to_one_service_at_least_and_fifteen_at_most(
    count: int, refusal: type[history.Refused], cast: Cast
) -> None:
    many = [Service(pk=number, name=f"{number}") for number in range(1, count + 1)]
    by = cast.by(cast.amira)
    with pytest.raises(refusal):
        drafts.start(person=cast.jamie, family=cast.family, services=many, by=by, at=cast.at)
    draft = start(cast)
    with pytest.raises(refusal):
        drafts.choose(draft=draft, services=many, by=by, at=cast.at)
    assert again(draft).services.count() == 2


def test_nobody_starts_one_for_whom_she_may_not_refer(cast: Cast) -> None:
    for who in ("nadia", "olive_user"):
        with pytest.raises(referrals.NotVisible):
            start(cast, who=who)
    assert Draft.objects.count() == 0


def test_one_send_asks_all_and_keeps_nothing_in_the_draft(cast: Cast) -> None:
    draft = start(cast)
    drafts.save(
        draft=draft,
        why={"comes": "as_well"},
        answers={"answer_likes": "Bikes"},
        by=cast.by(cast.amira),
        at=cast.at,
    )
    sent = send(cast, again(draft))
    assert told() == {
        "mentor-kai": {"likes": climbing.ANSWERS["likes"]},
        "family-support-at-home": climbing.ANSWERS,
    }
    assert (sent.why, sent.answers, sent.is_sent) == ({}, {}, True)
    assert sent.referrals.count() == 2
    with pytest.raises(drafts.Done):
        drafts.save(draft=sent, why={"comes": "instead"}, by=cast.by(cast.amira), at=cast.at)


def test_sent_again_from_another_tab_it_stays_as_it_was_sent(cast: Cast) -> None:
    draft = start(cast)
    first = send(cast, draft)
    events = history.of(Referral.objects.earliest("pk").reference).count()
    second = send(cast, draft, seen="of another tab")
    assert (second.pk, second.sent_at) == (first.pk, first.sent_at)
    assert Referral.objects.count() == Application.objects.count() == 2
    assert history.of(Referral.objects.earliest("pk").reference).count() == events


@pytest.mark.django_db(transaction=True)
def test_of_five_sends_at_once_one_has_an_effect(transactional_db: None, cast: Cast) -> None:
    draft = start(cast)
    seen = drafts.mark(draft, pack(cast, draft))
    assert race(*[lambda: send(cast, draft, seen=seen)] * 5) == ["done"] * 5
    assert Referral.objects.count() == Application.objects.count() == 2


def test_only_what_was_shown_is_sent(cast: Cast) -> None:
    draft = start(cast)
    seen = drafts.mark(draft, pack(cast, draft))
    drafts.save(
        draft=draft, why={"comes": "instead"}, by=cast.by(cast.amira), at=cast.later(hours=1)
    )
    with pytest.raises(drafts.ChangedSince):
        send(cast, draft, seen=seen)
    Question.objects.filter(service=cast.mentor).delete()
    with pytest.raises(drafts.ChangedSince):
        send(cast, again(draft), seen=seen)
    assert Referral.objects.count() == 0
    assert again(draft).is_unfinished


def test_what_was_shown_is_sent_though_the_same_was_saved_again(cast: Cast) -> None:
    draft = start(cast, why={"comes": "instead"}, answers={"answer_likes": "Bikes"})
    seen = drafts.mark(draft, pack(cast, draft))
    drafts.save(
        draft=draft,
        why={"comes": "instead"},
        answers={"answer_likes": "Bikes"},
        by=cast.by(cast.amira),
        at=cast.later(hours=1),
    )
    assert send(cast, draft, seen=seen).is_sent


def test_what_was_read_before_it_changed_is_not_sent(cast: Cast) -> None:
    read = start(cast)
    by = cast.by(cast.amira)
    drafts.save(draft=read, answers={"answer_likes": "Bikes"}, by=by, at=cast.at)
    now = again(read)
    with pytest.raises(drafts.ChangedSince):
        send(cast, read, seen=drafts.mark(now, pack(cast, now)))
    assert again(read).is_unfinished


@pytest.mark.once
def test_without_the_mark_something_else_would_be_sent(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = start(cast)
    monkeypatch.setattr(drafts, "mark", lambda draft, parcels: "same")
    drafts.save(draft=draft, why={"comes": "x"}, by=cast.by(cast.amira), at=cast.later(hours=1))
    assert send(cast, draft, seen="same").is_sent


def test_what_is_open_or_not_for_him_is_left_out_and_said(cast: Cast) -> None:
    open_one = climbing.climb(cast, to=Rung.SOFT_REFERRED)
    draft = start(cast)
    by_slug = {parcel.part.service.slug: parcel for parcel in pack(cast, draft)}
    assert by_slug["mentor-kai"].part.open == open_one
    assert not by_slug["mentor-kai"].is_sent
    assert send(cast, draft).referrals.count() == 1

    for_josh = start(cast, cast.mentor, person=cast.josh)
    (parcel,) = pack(cast, for_josh)
    assert parcel.failed == ("For people aged 10 to 18.",)
    with pytest.raises(drafts.NothingToSend):
        send(cast, for_josh)
    assert again(for_josh).is_unfinished


def test_thrown_away_nothing_of_it_is_left(cast: Cast) -> None:
    draft = start(cast, why={"instead_of": "A club"}, answers={"answer_likes": "Bikes"})
    for _twice in range(2):
        gone = drafts.discard(draft=draft, by=cast.by(cast.amira), at=cast.at)
    assert (gone.why, gone.answers, gone.is_unfinished) == ({}, {}, False)
    with pytest.raises(drafts.Done):
        send(cast, draft)
    sent = send(cast, start(cast))
    with pytest.raises(drafts.Done):
        drafts.discard(draft=sent, by=cast.by(cast.amira), at=cast.at)


def test_the_database_keeps_no_answers_of_what_is_done(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        forms.draft(cast, cast.jamie, sent_at=cast.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        forms.draft(cast, cast.jamie, answers={}, sent_at=cast.at, discarded_at=cast.at)


def test_ninety_days_after_it_was_last_saved_it_goes(cast: Cast) -> None:
    old = cast.later(days=-90)
    gone = forms.draft(cast, cast.jamie, started_at=old, saved_at=old)
    sent = forms.draft(cast, cast.jamie, answers={}, started_at=old, saved_at=old, sent_at=old)
    young = forms.draft(cast, cast.jamie, started_at=old, saved_at=old + timedelta(minutes=1))
    assert drafts.purge(at=cast.at, but=Q(pk__in=[])) == 2
    assert list(Draft.objects.all()) == [young]
    assert not Draft.objects.filter(pk__in=[gone.pk, sent.pk]).exists()


def test_the_night_does_it_and_keeps_what_has_to_be_kept(cast: Cast) -> None:
    assert "drafts" in nightly.JOBS
    old = cast.later(days=-91)
    for person in (cast.jamie, cast.olive):
        forms.draft(cast, person, started_at=old, saved_at=old)
    factories.legal_hold(cast, cast.olive)
    assert nightly.JOBS["drafts"](at=cast.at) == 1
    assert Draft.objects.get().person == cast.olive
    assert Draft.objects.filter(retention.kept_back(Draft)).count() == 1


KEYS = [f"question_{number}" for number in range(6)]
ASKED = st.lists(st.sets(st.sampled_from(KEYS)), min_size=2, max_size=4)
# Any text but what no page lets in (TextMiddleware) and PostgreSQL cannot hold.
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
SAID = st.dictionaries(st.sampled_from([*KEYS, "stray"]), WORDS, max_size=7)


@given(asked=ASKED, said=SAID)
@settings(max_examples=60, deadline=None)
@pytest.mark.once
def test_answers_reach_exactly_the_services_that_asked(
    asked: list[set[str]], said: dict[str, str]
) -> None:
    """Pure: the parcel of each service holds its own questions' answers, and no other word."""
    for keys in asked:
        fields: dict[str, Any] = {"questions": [Question(key=key) for key in sorted(keys)]}
        service = Service(name="s", **fields)
        got = applications.only_asked(service, said)
        assert got == {key: said[key] for key in keys if said.get(key)}


def _reach_only_who_asked(cast: Cast, asked: list[set[str]], said: dict[str, str]) -> None:
    services = [cast.mentor, cast.family_support]
    with transaction.atomic():
        Question.objects.filter(service__in=services).delete()
        for service, keys in zip(services, asked, strict=False):
            Question.objects.bulk_create(
                Question(service=service, key=key, text=key, is_required=False)
                for key in sorted(keys)
            )
        filled = drafts.Filled(why=sittings.Why(), answers=said)
        draft = start(cast, *Service.objects.filter(pk__in=[each.pk for each in services]))
        shown = {one.part.service.slug: dict(one.answers) for one in pack(cast, draft, filled)}
        send(cast, draft, filled=filled)
        expected = {
            service.slug: {key: said[key] for key in keys if said.get(key)}
            for service, keys in zip(services, asked, strict=False)
        }
        assert told() == expected == shown
        transaction.set_rollback(True)


@given(asked=ASKED, said=SAID)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_sent_is_what_was_shown_and_asked(
    cast: Cast, asked: list[set[str]], said: dict[str, str]
) -> None:
    _reach_only_who_asked(cast, asked, said)


@pytest.mark.soak
@given(asked=ASKED, said=SAID)
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_sent_is_what_was_shown_and_asked_for_long(
    cast: Cast, asked: list[set[str]], said: dict[str, str]
) -> None:
    _reach_only_who_asked(cast, asked, said)
