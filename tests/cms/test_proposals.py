"""Proposals: what they change in words, who overtook whom, and what becomes of them."""

from datetime import time
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from wagtail.models import WorkflowState

from cms import catalogue, differences, proposals
from cms.models import Process, Question, QuestionKind, Schedule, Service, ServiceKind, Step
from tests.cms.conftest import DAY, Shelf


@pytest.fixture
def pat(db: None) -> Any:
    """Somebody at the provider."""
    return get_user_model().objects.create(email="pat@open-door.example", name="Pat")


@pytest.fixture
def edie(db: None) -> Any:
    """An editor of the owner, as far as this room knows."""
    return get_user_model().objects.create(email="edie@hinckley.example", is_superuser=True)


def shown(service: Service) -> dict[str, tuple[list[str], list[str]]]:
    """Return what a proposal changes: each field's rows before and after."""

    def rows(side: Any) -> list[str]:
        return ["".join(piece.text for piece in row) for row in side]

    return {one.name: (rows(one.before), rows(one.after)) for one in proposals.of(service)}


def fresh(service: Service) -> Service:
    """Return a service as it stands."""
    return Service.objects.get(pk=service.pk)


def answer(service: Service, said: proposals.Answer, by: Any, **changes: Any) -> Service:
    """Answer the latest draft."""
    given: dict[str, Any] = {
        "comment": "Say it shorter.",
        "was": proposals.version(fresh(service)),
        "on": DAY,
        **changes,
    }
    return proposals.answer(service=service, answer=said, by_user=by, **given)


@pytest.mark.once
def test_every_field_that_changes_is_said_in_words_before_and_after(shelf: Shelf, pat: Any) -> None:
    proposals.propose(
        service=shelf.swimming,
        changes={
            "summary": "Lessons for brave beginners.",
            "is_confidential": True,
            "terms": [shelf.lonely],
            "places": [shelf.hall],
            "districts": ["Blaby"],
            "places_a_week": 4,
            "processes": [Process(step=Step.TAKE_APPLICATION, interaction=1)],
            "questions": [
                Question(key="swims", text="Can you swim?", kind=QuestionKind.YES_NO),
                Question(
                    key="where",
                    text="Where?",
                    kind=QuestionKind.CHOICE,
                    choices=["Here", "There"],
                    is_required=False,
                    help_text="If you mind.",
                ),
            ],
            "schedules": [
                Schedule(weekday=2, opens_at=time(16), closes_at=time(17, 30), place=shelf.hall),
                Schedule(description="in term time"),
            ],
        },
        by_user=pat,
    )
    assert shown(fresh(shelf.swimming)) == {
        "summary": (["Lessons for nervous beginners."], ["Lessons for brave beginners."]),
        "terms": (["Need: Exercise"], ["Issue: Isolation"]),
        "places": (["The pool, LE10 0NR"], ["The hall, LE11 5EE"]),
        "districts": ([], ["Blaby"]),
        "is_confidential": (["No"], ["Yes"]),
        "processes": (["Book"], ["Take the application, in appointment 1"]),
        "questions": (
            [],
            [
                "Can you swim? · yes or no · must be answered",
                "Where? · one of these · Here / There · may be left empty · If you mind.",
            ],
        ),
        "places_a_week": ([], ["4"]),
        "schedules": (["Tuesday"], ["Wednesday, 16:00 to 17:30, The hall", "in term time"]),
    }


def test_only_the_words_that_changed_are_marked(shelf: Shelf, pat: Any) -> None:
    proposals.propose(
        service=shelf.swimming, changes={"summary": "Lessons for brave beginners."}, by_user=pat
    )
    (one,) = proposals.of(fresh(shelf.swimming))
    marked = [piece.text for row in (*one.before, *one.after) for piece in row if piece.is_changed]
    assert marked == ["nervous", "brave"]


def test_everything_a_draft_carries_is_compared_or_kept_out_on_purpose() -> None:
    kept = {field.name for field in Service._meta.get_fields() if not field.auto_created}
    silent = kept - set(differences.WORDS)
    assert set(differences.WORDS) >= proposals.PROPOSABLE
    assert {"owner", "provider", "slug", "minimum_age", "checked_on"} <= silent
    assert len(differences.WORDS) == len(set(differences.WORDS))


def test_what_nobody_touched_meanwhile_is_no_quarrel(shelf: Shelf, pat: Any) -> None:
    was = proposals.version(shelf.swimming)
    proposals.propose(service=shelf.swimming, changes={"name": "Aqua"}, by_user=pat)
    proposals.propose(
        service=shelf.swimming,
        changes={"summary": "Wet."},
        by_user=pat,
        was=was,
        among=["summary", "description"],
    )
    draft = proposals.draft(fresh(shelf.swimming))
    assert (draft.name, draft.summary) == ("Aqua", "Wet.")


def test_a_stale_version_is_refused_and_nothing_is_lost(shelf: Shelf, pat: Any) -> None:
    was = proposals.version(shelf.swimming)
    stale: dict[str, Any] = {"was": was, "among": ["summary", "description"]}
    proposals.propose(service=shelf.swimming, changes={"summary": "First."}, by_user=pat)
    with pytest.raises(proposals.ChangedMeanwhile) as refusal:
        proposals.propose(
            service=shelf.swimming, changes={"summary": "Second."}, by_user=pat, **stale
        )
    assert refusal.value.names == ["summary"]
    assert proposals.draft(fresh(shelf.swimming)).summary == "First."


def test_without_the_check_the_second_would_overwrite_the_first(shelf: Shelf, pat: Any) -> None:
    """The twin: who does not say what she read is not protected."""
    proposals.propose(service=shelf.swimming, changes={"summary": "First."}, by_user=pat)
    proposals.propose(service=shelf.swimming, changes={"summary": "Second."}, by_user=pat)
    assert proposals.draft(fresh(shelf.swimming)).summary == "Second."


def test_what_is_approved_is_what_was_read(shelf: Shelf, pat: Any, edie: Any) -> None:
    proposals.propose(service=shelf.swimming, changes={"summary": "Harmless."}, by_user=pat)
    read = proposals.version(fresh(shelf.swimming))
    proposals.propose(service=shelf.swimming, changes={"summary": "Buy my car."}, by_user=pat)
    with pytest.raises(proposals.ChangedMeanwhile):
        answer(shelf.swimming, proposals.Answer.APPROVE, edie, was=read)
    assert fresh(shelf.swimming).summary == "Lessons for nervous beginners."
    answer(shelf.swimming, proposals.Answer.APPROVE, edie)
    assert fresh(shelf.swimming).summary == "Buy my car."


def test_approved_and_listed(shelf: Shelf, pat: Any, edie: Any) -> None:
    proposals.propose(service=shelf.swimming, changes={"name": "Aqua"}, by_user=pat)
    done = answer(shelf.swimming, proposals.Answer.APPROVE, edie, comment="")
    assert done.name == done.listing.name == "Aqua"
    assert proposals.of(done) == []
    standing = proposals.standing(done)
    assert standing is not None
    assert standing.state == WorkflowState.STATUS_APPROVED


def test_changes_are_asked_for_and_made(shelf: Shelf, pat: Any, edie: Any) -> None:
    proposals.propose(service=shelf.swimming, changes={"name": "Aqua!!!"}, by_user=pat)
    done = answer(shelf.swimming, proposals.Answer.CHANGES, edie)
    assert done.name == "Learn to swim"
    standing = proposals.standing(done)
    assert standing is not None
    assert standing.is_sent_back
    assert standing.comment == "Say it shorter."
    with pytest.raises(proposals.NothingWaits):
        answer(shelf.swimming, proposals.Answer.APPROVE, edie)
    proposals.propose(service=shelf.swimming, changes={"name": "Aqua"}, by_user=pat)
    again = proposals.standing(fresh(shelf.swimming))
    assert again is not None
    assert again.is_waiting
    assert answer(shelf.swimming, proposals.Answer.APPROVE, edie).name == "Aqua"


def test_what_is_turned_down_is_dropped(shelf: Shelf, pat: Any, edie: Any) -> None:
    proposals.propose(service=shelf.swimming, changes={"name": "Buy my car"}, by_user=pat)
    done = answer(shelf.swimming, proposals.Answer.NO, edie, comment="This is no advertisement.")
    assert (done.name, done.live, done.has_unpublished_changes) == ("Learn to swim", True, False)
    assert proposals.draft(done).name == "Learn to swim"
    standing = proposals.standing(done)
    assert standing is not None
    assert standing.is_turned_down
    assert standing.comment == "This is no advertisement."
    proposals.propose(service=shelf.swimming, changes={"summary": "Warm water."}, by_user=pat)
    assert answer(shelf.swimming, proposals.Answer.APPROVE, edie).name == "Learn to swim"


@pytest.mark.parametrize("said", [proposals.Answer.CHANGES, proposals.Answer.NO])
def test_a_no_says_why(shelf: Shelf, pat: Any, edie: Any, said: proposals.Answer) -> None:
    proposals.propose(service=shelf.swimming, changes={"name": "Aqua"}, by_user=pat)
    with pytest.raises(proposals.SaysNothing):
        answer(shelf.swimming, said, edie, comment="  ")
    standing = proposals.standing(fresh(shelf.swimming))
    assert standing is not None
    assert standing.is_waiting


def test_who_wrote_it_does_not_answer_it(shelf: Shelf, pat: Any) -> None:
    proposals.propose(service=shelf.swimming, changes={"name": "Aqua"}, by_user=pat)
    with pytest.raises(proposals.NotTheirs):
        answer(shelf.swimming, proposals.Answer.APPROVE, pat)
    assert fresh(shelf.swimming).name == "Learn to swim"


def new(shelf: Shelf, pat: Any, name: str = "Pancake mornings") -> Service:
    """Propose a service that the catalogue does not have."""
    return proposals.propose_new(
        name=name,
        owner=shelf.council,
        provider=shelf.charity,
        kind=ServiceKind.GROUP,
        changes={"summary": "Cook and eat.", "terms": [shelf.lonely]},
        by_user=pat,
    )


def test_a_new_service_is_found_by_nobody_until_it_is_approved(
    shelf: Shelf, pat: Any, edie: Any
) -> None:
    service = new(shelf, pat)
    assert not service.live
    assert service not in Service.objects.offered(DAY)
    assert not catalogue.search(on=DAY, words="pancake").exists()
    assert shown(service)["name"] == ([], ["Pancake mornings"])
    assert answer(service, proposals.Answer.APPROVE, edie).live
    assert [row.service for row in catalogue.search(on=DAY, words="pancake")] == [service]


def test_a_new_service_that_is_turned_down_is_withdrawn(shelf: Shelf, pat: Any, edie: Any) -> None:
    done = answer(new(shelf, pat), proposals.Answer.NO, edie)
    assert done.is_withdrawn
    assert not done.live
    with pytest.raises(catalogue.IsWithdrawn):
        proposals.propose(service=done, changes={"name": "Again"}, by_user=pat)


def test_nobody_floods_the_editors_with_new_services(
    shelf: Shelf, pat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "MOST_NEW", 1)
    new(shelf, pat)
    with pytest.raises(proposals.TooMany):
        new(shelf, pat, name="Another")
    assert not Service.objects.filter(name="Another").exists()


@pytest.mark.once
def test_long_texts_are_not_compared_word_by_word(shelf: Shelf) -> None:
    long = Service(description="word " * 5_000)
    other = Service(description="else " * 5_000)
    (one,) = differences.between(before=long, after=other)
    assert all(piece.is_changed for row in (*one.before, *one.after) for piece in row)
