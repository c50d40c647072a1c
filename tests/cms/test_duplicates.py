"""What is there twice: found, made one, or kept as two."""

from datetime import datetime, time

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cms import catalogue, duplicates
from cms.models import NotDuplicate, Service
from tests.cms.conftest import DAY, Shelf

NOW = timezone.make_aware(datetime.combine(DAY, time(12)))


def pairs() -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what looks like one, in words."""
    found = duplicates.likely(services=Service.objects.all(), on=DAY)
    return [(pair.first.name, pair.second.name, pair.reasons) for pair in found]


def twin(shelf: Shelf, name: str = "Swim, learn to", **fields: object) -> Service:
    """Add what may be the swimming a second time."""
    return catalogue.add_service(name=name, owner=shelf.council, **fields)  # type: ignore[arg-type]


def test_names_alike_and_something_in_common_are_one_perhaps(shelf: Shelf) -> None:
    assert pairs() == []
    twin(shelf)
    assert pairs() == [("Learn to swim", "Swim, learn to", ("names alike", "the same provider"))]


def test_names_alike_alone_have_to_be_very_alike(shelf: Shelf) -> None:
    twin(shelf, "Learn to swim!", provider=shelf.charity)
    assert [(one, other) for one, other, _why in pairs()] == [("Learn to swim", "Learn to swim!")]
    twin(shelf, "Learn to swim well", provider=shelf.charity)
    assert ("Learn to swim", "Learn to swim well") not in [
        (one, other) for one, other, _why in pairs()
    ]


def test_names_unlike_are_two_whatever_they_share(shelf: Shelf) -> None:
    twin(shelf, "Cooking on a budget")
    assert pairs() == []


def test_what_was_found_to_be_two_is_not_asked_again(shelf: Shelf) -> None:
    other = twin(shelf)
    for _again in range(2):
        duplicates.are_two(first=other, second=shelf.swimming, by="edie", at=timezone.now())
    assert NotDuplicate.objects.count() == 1
    assert pairs() == []


def test_what_is_withdrawn_is_not_asked_about(shelf: Shelf) -> None:
    catalogue.withdraw(service=twin(shelf), on=DAY)
    assert pairs() == []


def test_the_one_that_stays_gains_what_it_does_not_say(shelf: Shelf) -> None:
    shelf.swimming.phone, shelf.swimming.summary = "", "Ours."
    catalogue.update(service=shelf.swimming, at=NOW)
    other = twin(
        shelf, phone="0116 496 0000", summary="Theirs.", terms=[shelf.lonely], places=[shelf.hall]
    )
    kept = duplicates.join(service=other, into=shelf.swimming, at=NOW)
    assert (kept.phone, kept.summary) == ("0116 496 0000", "Ours.")
    assert shelf.lonely in kept.terms.all()
    assert shelf.hall in kept.places.all()
    assert Service.objects.get(pk=other.pk).merged_into == kept
    assert pairs() == []


def test_half_of_the_others_ages_is_not_taken(shelf: Shelf) -> None:
    shelf.swimming.minimum_age, shelf.swimming.maximum_age = 8, None
    catalogue.update(service=shelf.swimming, at=NOW)
    other = twin(shelf, minimum_age=3, maximum_age=6)
    kept = duplicates.join(service=other, into=shelf.swimming, at=NOW)
    assert (kept.minimum_age, kept.maximum_age) == (8, None)


def test_one_that_is_merged_cannot_be_merged_again(shelf: Shelf) -> None:
    other = twin(shelf)
    duplicates.join(service=other, into=shelf.swimming, at=NOW)
    with pytest.raises(catalogue.IsWithdrawn):
        duplicates.join(service=other, into=shelf.swimming, at=NOW)


def test_the_number_of_queries_does_not_grow(
    shelf: Shelf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    twin(shelf)
    for number in range(6):
        twin(shelf, f"Learn to swim {number}")
    with django_assert_num_queries(4):
        assert len(pairs()) > 3


def test_what_is_confidential_is_not_shown_by_being_made_one(shelf: Shelf) -> None:
    other = twin(shelf, is_confidential=True)
    assert duplicates.join(service=other, into=shelf.swimming, at=NOW).is_confidential
    another = twin(shelf)
    assert duplicates.join(service=another, into=shelf.swimming, at=NOW).is_confidential
