"""Mentors: nothing of them is shown but by their own yes, and that ends at once."""

import io
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from PIL import Image

from cms import catalogue, checks, mentors, pictures
from cms.models import (
    Check,
    ConsentPart,
    ContactCheck,
    FreeHour,
    Listing,
    Mentor,
    MentorConsent,
    Picture,
    Service,
    ServiceKind,
    Term,
    TermTaxonomy,
    Through,
)
from tests.cms.conftest import DAY, Shelf

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
YES = mentors.Yes(by="kai", through=Through.SIGN_IN, at=AT)
LATER = AT + timedelta(hours=1)


def photograph(*, width: int = 900, height: int = 700, colour: str = "teal") -> bytes:
    """Return a JPEG as a telephone makes it: with where it was taken, and lying on its side."""
    picture = Image.new("RGB", (width, height), colour)
    picture.paste("red", (0, 0, width // 2, height))
    words = Image.Exif()
    words[0x010E] = "CANARY-where-it-was-taken"
    words[0x0112] = 6
    words.get_ifd(0x8825)[2] = (52.0, 32.0, 24.0)
    written = io.BytesIO()
    picture.save(written, "JPEG", exif=words, comment=b"CANARY-comment")
    return written.getvalue()


@pytest.fixture
def issue(db: None) -> Term:
    return catalogue.add_term(
        taxonomy=TermTaxonomy.ISSUE, name="Exclusion", plain_name="Kicked out"
    )


@pytest.fixture
def kai(shelf: Shelf, issue: Term) -> Mentor:
    """Kai, with a picture and a story, who has said yes to nothing yet."""
    entry = catalogue.add_service(
        name="Kai: a mentor for young people",
        slug="mentor-kai",
        owner=shelf.council,
        provider=shelf.charity,
        kind=ServiceKind.MENTOR,
        summary="He meets you once a week.",
        contact_check=ContactCheck.DBS_ENHANCED,
        check_valid_until=DAY + timedelta(days=30),
    )
    mentor = mentors.add(service=entry, first_name="Kai")
    described = mentors.describe(
        mentor=mentor,
        first_name="Kai",
        story="I was expelled and slept in a caravan.",
        lived_through=[issue],
        by="dev",
        at=AT,
    )
    mentors.picture(mentor=mentor, content=photograph(), is_drawing=False, by="dev", at=AT)
    return mentors.locked(described)


def all_of(mentor: Mentor) -> dict[str, str]:
    return {part: mentor.digest(part) for part in ConsentPart.values}


def entry_of(mentor: Mentor) -> Service:
    return Service.objects.get(pk=mentor.service_id)


def said_in(row: Listing) -> list[str]:
    return [*row.mentions.values_list("stem", flat=True)]


def test_until_she_says_yes_nothing_of_her_is_in_the_catalogue(kai: Mentor) -> None:
    entry = entry_of(kai)
    assert (entry.name, entry.slug) == ("A mentor for young people", "a-mentor-for-young-people")
    assert mentors.shown_picture(reference=kai.picture.reference) is None
    row = Listing.objects.get(service=entry)
    assert "kai" not in f"{row.name} {said_in(row)}".lower()
    assert "caravan" not in said_in(row)


def test_each_part_is_shown_by_its_own_yes(kai: Mentor) -> None:
    for part in ConsentPart.values:
        told = mentors.say_yes(mentor=kai, seen={part: kai.digest(part)}, yes=YES)
        assert part in told.agreed()
    assert entry_of(kai).name == "Kai: a mentor for young people"
    assert mentors.shown_picture(reference=kai.picture.reference) == kai.picture
    assert catalogue.search(on=DAY, words="caravan").get().service == kai.service


def test_what_was_taken_back_is_gone_at_once(kai: Mentor) -> None:
    told = mentors.say_yes(mentor=kai, seen=all_of(kai), yes=YES)
    gone = mentors.take_back(mentor=told, parts=ConsentPart.values, by="kai", at=LATER)
    assert gone.agreed() == frozenset()
    assert not Picture.objects.exists()
    assert gone.story == ""
    assert not gone.lived_through.exists()
    assert mentors.shown_picture(reference=kai.picture.reference) is None
    assert not catalogue.search(on=DAY, words="caravan").exists()
    row = Listing.objects.get(service=kai.service)
    assert entry_of(kai).name == row.name == "A mentor for young people"
    assert "kai" not in f"{said_in(row)} {entry_of(kai).slug}"
    kept = MentorConsent.objects.values_list("withdrawn_by", "withdrawn_at")
    assert set(kept) == {("kai", LATER)}  # that there was a yes, and until when, is kept


def test_taking_back_a_first_name_changes_the_address_that_says_it(shelf: Shelf) -> None:
    entry = catalogue.add_service(
        name="Rosa: a mentor for mums",
        slug="mentor-rosa",
        owner=shelf.council,
        kind=ServiceKind.MENTOR,
        contact_check=ContactCheck.DBS_ENHANCED,
    )
    rosa = mentors.add(service=entry, first_name="Rosa", yes=YES)
    assert entry_of(rosa).slug == "mentor-rosa"
    mentors.take_back(mentor=rosa, parts=[ConsentPart.FIRST_NAME], by="rosa", at=LATER)
    assert entry_of(rosa).slug == "a-mentor-for-mums"


def test_a_yes_is_to_what_she_saw(kai: Mentor) -> None:
    seen = all_of(kai)
    changed = mentors.describe(
        mentor=kai, first_name="Kai", story="Another story.", lived_through=[], by="dev", at=AT
    )
    with pytest.raises(mentors.HasChanged):
        mentors.say_yes(mentor=changed, seen=seen, yes=YES)
    assert not MentorConsent.objects.exists()


def test_what_somebody_else_changed_is_shown_no_more(kai: Mentor) -> None:
    told = mentors.say_yes(mentor=kai, seen=all_of(kai), yes=YES)
    told = mentors.describe(
        mentor=told, first_name="Kai", story="New.", lived_through=[], by="dev", at=LATER
    )
    assert told.agreed() == {ConsentPart.FIRST_NAME, ConsentPart.PICTURE}
    mentors.picture(mentor=told, content=photograph(), is_drawing=True, by="dev", at=LATER)
    assert mentors.locked(told).agreed() == {ConsentPart.FIRST_NAME}


def test_a_text_changed_behind_her_back_is_not_shown(kai: Mentor) -> None:
    """The guard behind the verbs: a yes is to a digest, and counts for nothing else."""
    mentors.say_yes(mentor=kai, seen=all_of(kai), yes=YES)
    Mentor.objects.filter(pk=kai.pk).update(story="Not hers.")
    assert ConsentPart.STORY not in mentors.locked(kai).agreed()


def test_nothing_cannot_be_said_yes_to(kai: Mentor) -> None:
    bare = mentors.take_back(mentor=kai, parts=[ConsentPart.STORY], by="kai", at=AT)
    with pytest.raises(mentors.NothingToShow):
        mentors.say_yes(mentor=bare, seen={ConsentPart.STORY: ""}, yes=YES)


def test_hiding_deletes_nothing(kai: Mentor) -> None:
    told = mentors.say_yes(mentor=kai, seen=all_of(kai), yes=YES)
    hidden = mentors.hide(mentor=told, by="dev", at=LATER)
    assert hidden.agreed() == frozenset()
    assert hidden.story
    assert hidden.has_picture()


def test_no_draft_brings_a_yes_back(kai: Mentor, django_user_model: Any) -> None:
    editor = django_user_model.objects.create_user(email="e@alongside.example", name="E")
    mentors.say_yes(mentor=kai, seen=all_of(kai), yes=YES)
    entry = entry_of(kai)
    entry.slug, entry.summary = "kai-the-mentor", "Changed."
    entry.save_revision(user=editor)
    mentors.take_back(mentor=kai, parts=ConsentPart.values, by="kai", at=LATER)
    published = catalogue.publish(service=kai.service, by_user=editor)
    assert published.summary == "Changed."
    assert (published.name, published.slug) == (entry_of(kai).name, "a-mentor-for-young-people")
    assert "Kai" not in published.name


@pytest.mark.parametrize("field", ["summary", "description", "what_happens_next", "name"])
def test_the_words_of_the_entry_never_name_her(kai: Mentor, field: str) -> None:
    entry = entry_of(kai)
    setattr(entry, field, "You will like Kai, a lot.")
    with pytest.raises(catalogue.Unfit) as refused:
        catalogue.update(service=entry)
    assert field in refused.value.errors


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Kai: a mentor for dads", "Kai: a mentor for dads"),
        ("A mentor for dads", "Kai: a mentor for dads"),
        ("NHS mentor", "Kai: NHS mentor"),
        ("Kai", "Kai"),
    ],
)
def test_a_name_is_written_as_she_says(kai: Mentor, name: str, said: str) -> None:
    told = mentors.say_yes(mentor=kai, seen=all_of(kai), yes=YES)
    assert told.entry_name(name) == said
    hidden = mentors.hide(mentor=told, by="dev", at=LATER)
    assert not hidden.said_in(hidden.entry_name(name))


def test_a_picture_keeps_nothing_of_where_it_was_taken(kai: Mentor) -> None:
    kept = bytes(Picture.objects.get(mentor=kai).content)
    assert b"CANARY" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (pictures.SIDE, pictures.SIDE)
        assert not picture.getexif()
        assert not {"exif", "comment"} & set(picture.info)


def test_a_picture_is_turned_as_it_was_taken() -> None:
    with Image.open(io.BytesIO(pictures.small(content=photograph()).content)) as picture:
        red = picture.getchannel("R")
        assert red.getpixel((240, 20)) > 200  # type: ignore[operator]
        assert red.getpixel((240, 460)) < 60  # type: ignore[operator]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 40,
        photograph()[:300],
        b"\0" * (pictures.MOST_BYTES + 1),
    ],
    ids=["nothing", "svg", "gif", "half", "large"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(pictures.NotAPicture):
        pictures.small(content=content)


def test_a_picture_that_unpacks_to_too_much_is_refused_before_it_does() -> None:
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")
    with pytest.raises(pictures.NotAPicture):
        pictures.small(content=bomb.getvalue())


def test_free_hours_and_interests_are_whole_or_not_at_all(kai: Mentor) -> None:
    football = catalogue.add_term(taxonomy=TermTaxonomy.INTEREST, name="Football")
    hour = FreeHour(weekday=3, opens_at=time(16), closes_at=time(18))
    mentors.free(mentor=mentors.like(mentor=kai, interests=[football]), hours=[hour])
    with pytest.raises(catalogue.Unfit):
        mentors.free(mentor=kai, hours=[FreeHour(weekday=3, opens_at=time(18), closes_at=time(16))])
    again = mentors.locked(kai)
    assert [one.weekday for one in again.hours.all()] == [3]
    assert (
        catalogue.search(on=DAY, words="football", kind="mentor")
        .filter(service=kai.service)
        .exists()
    )


def test_only_a_mentors_entry_has_one_and_only_one(shelf: Shelf, kai: Mentor) -> None:
    with pytest.raises(mentors.NotAMentor):
        mentors.add(service=shelf.swimming, first_name="Sue")
    with pytest.raises(mentors.IsThereAlready):
        mentors.add(service=kai.service, first_name="Kai")


# Checks


def seen(service: Service, **given: Any) -> Check:
    wanted: dict[str, Any] = {
        "holder": "Kai",
        "level": ContactCheck.DBS_ENHANCED,
        "seen_on": DAY - timedelta(days=10),
        "valid_until": DAY + timedelta(days=100),
        "by": "dev",
        "on": DAY,
    }
    return checks.record(service=service, **{**wanted, **given})


def is_offered(service: Service, on: Any = DAY) -> bool:
    return Service.objects.offered(on).filter(pk=service.pk).exists()


def test_an_entry_is_offered_to_the_last_day_of_its_check(kai: Mentor) -> None:
    seen(kai.service)
    assert is_offered(kai.service, DAY + timedelta(days=100))
    assert not is_offered(kai.service, DAY + timedelta(days=101))


def test_a_lesser_check_is_not_enough(kai: Mentor) -> None:
    seen(kai.service, level=ContactCheck.DBS_BASIC)
    assert not is_offered(kai.service)
    seen(kai.service)
    assert is_offered(kai.service)


def test_who_has_gone_holds_no_check_for_the_service(kai: Mentor) -> None:
    check = seen(kai.service)
    checks.end(check=check, at=AT)
    assert not is_offered(kai.service)


def test_a_service_needs_one_worker_whose_check_is_enough(shelf: Shelf) -> None:
    shelf.swimming.contact_check = ContactCheck.DBS_ENHANCED
    catalogue.update(service=shelf.swimming)
    assert not is_offered(shelf.swimming)
    seen(shelf.swimming, holder="Ann", valid_until=DAY - timedelta(days=1))
    assert not is_offered(shelf.swimming)
    seen(shelf.swimming, holder="Bea")
    assert is_offered(shelf.swimming)


def test_a_need_that_is_raised_asks_for_the_better_check(shelf: Shelf) -> None:
    shelf.swimming.contact_check = ContactCheck.DBS_BASIC
    catalogue.update(service=shelf.swimming)
    seen(shelf.swimming, level=ContactCheck.DBS_BASIC)
    swimming = Service.objects.get(pk=shelf.swimming.pk)
    assert is_offered(swimming)
    swimming.contact_check = ContactCheck.DBS_ENHANCED
    catalogue.update(service=swimming)
    assert not is_offered(swimming)


def test_no_draft_brings_back_a_check_that_has_run_out(kai: Mentor, django_user_model: Any) -> None:
    check = seen(kai.service)
    entry_of(kai).save_revision()
    checks.end(check=check, at=AT)
    assert not is_offered(catalogue.publish(service=kai.service))


@pytest.mark.parametrize("check", [ContactCheck.NONE, ContactCheck.DBS_BASIC])
def test_whoever_meets_young_people_alone_needs_an_enhanced_check(kai: Mentor, check: str) -> None:
    entry = entry_of(kai)
    entry.contact_check = check
    with pytest.raises(catalogue.Unfit):
        catalogue.update(service=entry)


def test_a_check_is_seen_before_it_is_written_down_and_not_for_ever(kai: Mentor) -> None:
    with pytest.raises(checks.NotSeenYet):
        seen(kai.service, seen_on=DAY + timedelta(days=1))
    with pytest.raises(checks.TooLong):
        seen(kai.service, valid_until=DAY + timedelta(days=4000))
    with pytest.raises(catalogue.Unfit):
        seen(kai.service, valid_until=DAY - timedelta(days=11))
    assert not Check.objects.exists()


def test_a_checks_number_is_never_kept() -> None:
    assert {field.name for field in Check._meta.concrete_fields} == {
        *("id", "reference", "service", "holder", "level"),
        *("seen_on", "valid_until", "seen_by", "ended_at"),
    }
