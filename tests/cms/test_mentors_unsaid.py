"""A mentor's first name is nowhere it was not said yes to, and who has no check is not offered."""

from datetime import timedelta
from typing import Any

import pytest
from wagtail.models import ModelLogEntry, Revision

from cms import catalogue, checks, mentors, proposals
from cms.models import (
    ConsentPart,
    ContactCheck,
    Listing,
    Mentor,
    Question,
    Schedule,
    Service,
    ServiceKind,
)
from tests.cms.conftest import DAY, Shelf
from tests.cms.test_mentors import (
    AT,
    LATER,
    YES,
    all_of,
    entry_of,
    is_offered,
    issue,
    kai,
    seen,
)
from tests.cms.test_proposals import edie, pat

__all__ = ["edie", "issue", "kai", "pat"]


def drafted(kai: Mentor, pat: Any) -> None:
    """Let a draft be written, and logged, while she says yes to her name."""
    mentors.say_yes(mentor=kai, seen=all_of(kai), yes=YES)
    proposals.propose(service=entry_of(kai), changes={"summary": "Once a week."}, by_user=pat)


def kept_of_history() -> str:
    """Return what Wagtail keeps of earlier versions."""
    drafts = [f"{row.object_str} {row.content}" for row in Revision.objects.all()]
    return "\n".join([*drafts, *ModelLogEntry.objects.values_list("label", flat=True)])


def test_a_name_taken_back_is_in_no_draft_and_no_log(kai: Mentor, pat: Any) -> None:
    drafted(kai, pat)
    mentors.take_back(mentor=kai, parts=[ConsentPart.FIRST_NAME], by="kai", at=LATER)
    assert Revision.objects.exists()
    assert ModelLogEntry.objects.exists()
    assert "Kai" not in kept_of_history()


def test_without_forgetting_the_drafts_would_still_say_it(
    kai: Mentor, pat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mentors, "_forget_in_history", lambda mentor, service: None)
    drafted(kai, pat)
    mentors.take_back(mentor=kai, parts=[ConsentPart.FIRST_NAME], by="kai", at=LATER)
    assert "Kai" in kept_of_history()


def test_a_name_that_was_changed_is_said_no_more(kai: Mentor, pat: Any) -> None:
    drafted(kai, pat)
    bob = mentors.describe(
        mentor=kai, first_name="Bob", story="", lived_through=[], by="dev", at=LATER
    )
    assert entry_of(bob).name == "A mentor for young people"
    assert "Kai" not in kept_of_history()
    seen_now: dict[str, str] = {ConsentPart.FIRST_NAME: bob.digest(ConsentPart.FIRST_NAME)}
    mentors.say_yes(mentor=bob, seen=seen_now, yes=YES)
    assert entry_of(bob).name == "Bob: a mentor for young people"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("summary", "KAI meets you once a week."),
        ("email", "kai@open-door.example"),
        ("email", "kai.smith@open-door.example"),
        ("website", "https://open-door.example/kai"),
    ],
)
def test_neither_capitals_nor_addresses_say_it(kai: Mentor, field: str, text: str) -> None:
    service = entry_of(kai)
    setattr(service, field, text)
    with pytest.raises(catalogue.Unfit) as refused:
        catalogue.update(service=service)
    assert field in refused.value.errors


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("schedules", [Schedule(weekday=0, description="Kai is there.")]),
        ("questions", [Question(key="met", text="Have you met Kai?")]),
    ],
)
def test_no_time_and_no_question_says_it(kai: Mentor, name: str, rows: list[Any]) -> None:
    service = entry_of(kai)
    catalogue.put(service, name, rows)
    with pytest.raises(catalogue.Unfit):
        catalogue.update(service=service)


def test_a_name_of_two_words_goes_from_the_address_too(shelf: Shelf) -> None:
    entry = catalogue.add_service(
        name="Mary Ann: a mentor", owner=shelf.council, kind=ServiceKind.MENTOR,
        contact_check=ContactCheck.DBS_ENHANCED,
    )  # fmt: skip
    mentors.add(service=entry, first_name="Mary Ann")
    assert Service.objects.get(pk=entry.pk).slug == "a-mentor"


def test_a_draft_from_before_she_was_known_is_not_approved_with_her_name(
    shelf: Shelf, pat: Any, edie: Any
) -> None:
    entry = proposals.propose_new(
        name="A mentor for dads",
        owner=shelf.council,
        provider=shelf.charity,
        kind=ServiceKind.MENTOR,
        changes={"summary": "Bob meets you.", "contact_check": ContactCheck.DBS_ENHANCED},
        by_user=pat,
    )
    Service.objects.filter(pk=entry.pk).update(contact_check=ContactCheck.DBS_ENHANCED)
    mentors.add(service=entry, first_name="Bob")
    with pytest.raises(catalogue.Unfit):
        proposals.answer(
            service=entry,
            answer=proposals.Answer.APPROVE,
            comment="",
            was=proposals.version(Service.objects.get(pk=entry.pk)),
            on=DAY,
            by_user=edie,
        )
    with pytest.raises(catalogue.Unfit):
        catalogue.publish(service=entry, by_user=edie)


@pytest.mark.parametrize("kind", [ServiceKind.MENTOR, ServiceKind.ROLE_MODEL])
def test_a_mentor_whose_entry_asks_for_no_check_is_not_offered(
    shelf: Shelf, pat: Any, edie: Any, kind: str
) -> None:
    entry = proposals.propose_new(
        name="A buddy",
        owner=shelf.council,
        provider=shelf.charity,
        kind=kind,
        changes={"summary": "Meets you alone."},
        by_user=pat,
    )
    catalogue.publish(service=entry, by_user=edie)
    seen(entry)
    entry = Service.objects.get(pk=entry.pk)
    assert entry.live
    assert not is_offered(entry)
    assert not entry.is_checked(DAY)
    assert not Listing.objects.get(service=entry).is_offered
    Service.objects.filter(pk=entry.pk).update(kind=ServiceKind.GROUP)
    assert is_offered(entry)  # the same entry of another kind: it is the kind that needs it


def test_what_has_ended_here_is_brought_back_by_no_feed(kai: Mentor) -> None:
    checks.end(check=seen(entry_of(kai)), at=AT)
    service = entry_of(kai)
    service.check_valid_until = DAY + timedelta(days=90)  # as a feed writes it
    catalogue.update(service=service)
    assert entry_of(kai).check_valid_until is None
    assert not is_offered(entry_of(kai))
