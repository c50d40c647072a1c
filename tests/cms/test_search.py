"""The search: words, filters, order, and how many queries it takes."""

from datetime import timedelta
from typing import Any

import pytest
from django.forms.models import model_to_dict
from pytest_django import DjangoAssertNumQueries

from cms import catalogue, listings, searches
from cms.models import ContactCheck, Listing, Mention, Service, ServiceKind, Word
from tests.cms.conftest import DAY, Shelf


def found(**asked: object) -> list[str]:
    """Return the names a search finds, in their order."""
    return [listing.name for listing in catalogue.search(on=DAY, **asked)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "words", ["swim", "swimming", "swimmers", "SWIM!", "lessons", "patient teacher"]
)
def test_a_word_finds_its_relations(shelf: Shelf, words: str) -> None:
    assert found(words=words) == ["Learn to swim"]


@pytest.mark.parametrize(
    ("typed", "name", "mended"),
    [
        ("councelling", "Talking it through", "counselling"),
        ("footbull", "Kai", "football"),
        ("lonley", "Talking it through", "lonely"),
        ("techers", "Learn to swim", "teachers"),
    ],
)
def test_typing_mistakes_are_mended_and_said(
    shelf: Shelf, typed: str, name: str, mended: str
) -> None:
    assert name in found(words=typed)
    assert catalogue.understand(words=typed).mended == ((typed, mended),)


def test_a_weak_word_stays_weak_though_it_is_misspelt(shelf: Shelf) -> None:
    shelf.kai.description = "Support from somebody who listens."
    catalogue.update(service=shelf.kai)
    assert found(words="swimming suport") == ["Learn to swim"]
    assert found(words="suport") == ["Kai"]


def test_a_word_that_has_left_the_catalogue_is_forgotten_and_no_mending(shelf: Shelf) -> None:
    assert catalogue.understand(words="footbull").mended == (("footbull", "football"),)
    shelf.kai.description = "Cooking"
    catalogue.update(service=shelf.kai)
    assert not Word.objects.filter(text="football").exists()
    assert catalogue.understand(words="footbull").mended == ()


def test_a_word_nobody_knows_finds_nothing(shelf: Shelf) -> None:
    assert found(words="xylophone") == []


def test_words_that_say_nothing_narrow_nothing(shelf: Shelf) -> None:
    assert len(found(words="what do I do?")) == 3
    assert len(found()) == 3


def test_the_most_relevant_comes_first_then_the_name(shelf: Shelf) -> None:
    # "lonely" is in the terms of two; "school" in the description of one.
    assert found(words="lonely school") == ["Talking it through", "Kai"]
    assert found(words="lonely") == ["Kai", "Talking it through"]


def test_the_wider_term_finds_what_is_under_it(shelf: Shelf) -> None:
    assert found(terms=[shelf.being_well]) == ["Kai", "Learn to swim"]
    assert found(words="being well") == ["Kai", "Learn to swim"]


def test_terms_of_one_taxonomy_are_alternatives_and_of_two_are_both_meant(shelf: Shelf) -> None:
    assert found(terms=[shelf.moving, shelf.lonely]) == ["Kai"]
    assert found(terms=[shelf.moving, shelf.being_well]) == ["Kai", "Learn to swim"]


def test_filters_combine(shelf: Shelf) -> None:
    assert found(kind=ServiceKind.MENTOR) == ["Kai"]
    assert found(kind=[ServiceKind.MENTOR, ServiceKind.UNIVERSAL]) == ["Kai", "Learn to swim"]
    assert found(age=8) == ["Kai", "Learn to swim"]
    assert found(age=40) == ["Kai", "Talking it through"]
    assert found(price_to_pence=449) == ["Talking it through"]
    assert found(price_to_pence=450) == ["Learn to swim", "Talking it through"]
    assert found(wait_to_days=10) == ["Learn to swim"]
    assert found(words="lonely", age=8, kind="mentor") == ["Kai"]


def test_a_district_keeps_what_is_there_and_what_is_everywhere(shelf: Shelf) -> None:
    assert found(district="Charnwood") == ["Kai", "Talking it through"]
    assert found(district="hinckley-and-bosworth") == ["Kai", "Learn to swim"]


def test_a_service_in_no_district_we_know_is_not_everywhere(shelf: Shelf) -> None:
    far = catalogue.add_place(organisation=shelf.charity, name="Far", postcode="HP20 1XS")
    catalogue.add_service(name="Far away", owner=shelf.charity, places=[far])
    assert "Far away" not in found(district="Charnwood")
    assert "Far away" in found()


def test_named_districts_go_before_those_of_the_places(shelf: Shelf) -> None:
    shelf.swimming.districts = ["Blaby"]
    catalogue.update(service=shelf.swimming)
    assert found(district="Blaby") == ["Kai", "Learn to swim"]
    assert "Learn to swim" not in found(district="Hinckley and Bosworth")


def test_near_finds_the_nearest_first_and_says_how_far(shelf: Shelf) -> None:
    everything = catalogue.search(on=DAY, near=(52.55, -1.37, 40.0))
    assert [listing.name for listing in everything] == ["Learn to swim", "Talking it through"]
    distances = [listing.distance_km or 0 for listing in everything]
    assert distances == sorted(distances)
    assert distances[0] == pytest.approx(1.11, abs=0.01)
    assert distances[1] == pytest.approx(27.0, abs=0.6)
    assert found(near=(52.55, -1.37, 5.0)) == ["Learn to swim"]
    assert found(near=(52.55, -1.37, 1.0)) == []


def test_any_of_a_services_places_may_be_near(shelf: Shelf) -> None:
    shelf.swimming.places.add(shelf.hall)
    catalogue.update(service=shelf.swimming)
    assert found(near=(52.77, -1.20, 1.0)) == ["Learn to swim", "Talking it through"]


def test_only_what_is_offered_is_found(shelf: Shelf) -> None:
    catalogue.withdraw(service=shelf.swimming, on=DAY)
    shelf.kai.contact_check = ContactCheck.DBS_ENHANCED
    shelf.kai.check_valid_until = DAY - timedelta(days=1)
    catalogue.update(service=shelf.kai)
    Service.objects.filter(pk=shelf.counselling.pk).update(live=False)
    assert found() == []


def test_a_check_holds_on_its_last_day(shelf: Shelf) -> None:
    shelf.kai.contact_check = ContactCheck.DBS_ENHANCED
    shelf.kai.check_valid_until = DAY
    catalogue.update(service=shelf.kai)
    assert "Kai" in found()


@pytest.mark.parametrize("words", ["100%", "a_b", "' OR 1=1 --", "%", "\\", "🙂", "x" * 500])
def test_odd_words_are_only_words(shelf: Shelf, words: str) -> None:
    found(words=words)


@pytest.mark.parametrize("copies", [0, 60])
def test_a_search_takes_as_many_queries_however_large_the_catalogue(
    shelf: Shelf, copies: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(copies):
        catalogue.add_service(name=f"Swimming {number}", owner=shelf.council, terms=[shelf.moving])
    for statements, asked in (
        (2, searches.Asked()),
        (2, searches.Asked(terms=(shelf.moving,), kinds=("universal",), near=(52.5, -1.3, 90.0))),
        (3, searches.Asked(words="swim lesson", age=8)),
        (5, searches.Asked(words="swimm1 lesons", near=(52.5, -1.3, 9.0))),
    ):
        with django_assert_num_queries(statements):
            found = searches.find(asked=asked, on=DAY)
            assert all(row.service.provider.name for row in found.rows)
    with django_assert_num_queries(2):
        search = catalogue.search(on=DAY, words="swim", terms=[shelf.moving])
        assert {listing.service.provider.name for listing in search} >= {"Hinckley Council"}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"words": "lonely school"},
        {"near": (52.55, -1.37, 40.0)},
        {"near": (52.55, -1.37, 40.0), "words": "swim"},
        {"district": "Charnwood", "age": 12},
    ],
)
def test_a_page_and_a_queryset_find_the_same_in_the_same_order(
    shelf: Shelf, asked: dict[str, Any]
) -> None:
    page = searches.find(asked=searches.Asked(**asked), on=DAY)
    queryset = [*catalogue.search(on=DAY, **asked)]
    assert page.rows == queryset
    assert page.total == len(queryset)
    assert [row.distance_km for row in page.rows] == pytest.approx(
        [row.distance_km for row in queryset]
    )


def test_a_page_beyond_the_last_is_empty_and_still_counts(shelf: Shelf) -> None:
    first = searches.find(asked=searches.Asked(), on=DAY, per_page=2)
    second = searches.find(asked=searches.Asked(), on=DAY, per_page=2, page=2)
    beyond = searches.find(asked=searches.Asked(), on=DAY, per_page=2, page=9, facets=False)
    assert [row.name for row in (*first.rows, *second.rows)] == found()
    assert (beyond.total, beyond.rows) == (3, [])


def test_what_a_listing_has_missed_is_never_shown(shelf: Shelf) -> None:
    Service.objects.filter(pk=shelf.kai.pk).update(live=False)  # not through a verb
    assert shelf.kai.name not in [
        row.name for row in searches.find(asked=searches.Asked(), on=DAY).rows
    ]


def test_rebuilding_makes_every_row_true_again(shelf: Shelf) -> None:
    before = {row.pk: model_to_dict(row) for row in Listing.objects.all()}
    said = {*Mention.objects.values_list("listing", "stem", "points")}
    Listing.objects.update(name="?", is_offered=False, needs=" ", traits="")
    Mention.objects.all().delete()
    Word.objects.create(text="gone", stem="gone", length=4)
    assert listings.rebuild() == 3
    assert {row.pk: model_to_dict(row) for row in Listing.objects.all()} == before
    assert {*Mention.objects.values_list("listing", "stem", "points")} == said
    assert not Word.objects.filter(text="gone").exists()


def test_a_listing_keeps_what_was_handed_down(shelf: Shelf) -> None:
    catalogue.list(service=shelf.swimming, rating_tenths=45)
    listing = Listing.objects.get(service=shelf.swimming)
    assert (listing.price_from_pence, listing.price_unit, listing.rating_tenths) == (
        450,
        "session",
        45,
    )
    catalogue.list(service=shelf.swimming, price_from_pence=None, price_unit="")
    listing.refresh_from_db()
    assert listing.price_from_pence is None
    assert listing.rating_tenths == 45
    assert not listing.is_free
