"""What is looked for in vain: counted by day, and nothing of who looked."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from cms import unmet_searches
from cms.models import UnmetSearch
from cms.searches import Asked
from tests.cms.conftest import DAY, Shelf


def kept() -> list[tuple[str, str, str, str, str, int]]:
    """Return what is kept of every search that found nothing."""
    rows = UnmetSearch.objects.order_by("pk")
    return list(rows.values_list("terms", "words", "kind", "district", "filters", "count"))


def test_a_search_is_counted_by_what_it_asked_and_where(shelf: Shelf) -> None:
    asked = Asked(terms=(shelf.moving, shelf.lonely), kinds=("mentor",), age=99, step_free=True)
    unmet_searches.count(asked=asked, on=DAY, district="Charnwood")
    unmet_searches.count(asked=asked, on=DAY, district="Charnwood")
    unmet_searches.count(asked=asked, on=DAY + timedelta(days=1), district="Charnwood")
    terms = f"issue:{shelf.lonely.slug} need:{shelf.moving.slug}"
    assert kept() == [
        (terms, "", "mentor", "Charnwood", "age step_free", 2),
        (terms, "", "mentor", "Charnwood", "age step_free", 1),
    ]


def test_nothing_typed_is_kept_but_words_of_the_catalogues_own(shelf: Shelf) -> None:
    said = "swimming for Wayne Zzyzx 07700 900123 wayne@example.com"
    unmet_searches.count(asked=Asked(words=said, age=99), on=DAY)
    assert len(kept()) == 1
    row = UnmetSearch.objects.get()
    assert row.words.split()
    assert all(word.startswith("swim") for word in row.words.split())
    everything = " ".join(str(value) for value in vars(row).values()).lower()
    for secret in ("wayne", "zzyzx", "07700", "900123", "example"):
        assert secret not in everything


def test_without_asking_whose_words_they_are_the_test_above_would_go_red(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unmet_searches, "ours", set)
    unmet_searches.count(asked=Asked(words="swimming for Wayne"), on=DAY)
    assert "wayne" in UnmetSearch.objects.get().words


def test_what_a_mentor_is_called_is_no_word_to_keep(shelf: Shelf) -> None:
    unmet_searches.count(asked=Asked(words="Kai", age=99), on=DAY)
    assert kept() == [("", "", "", "", "words age", 1)]


def test_words_that_nobody_has_are_counted_and_not_kept(shelf: Shelf) -> None:
    unmet_searches.count(asked=Asked(words="xylophonists"), on=DAY)
    assert kept() == [("", "", "", "", "words", 1)]


def test_a_count_below_one_and_a_second_row_of_a_day_are_refused(shelf: Shelf) -> None:
    unmet_searches.count(asked=Asked(age=99), on=DAY)
    with pytest.raises(IntegrityError, match=r"cms_unmetsearch|UNIQUE"):
        UnmetSearch.objects.create(day=DAY, filters="age")


@pytest.mark.once
def test_only_whole_entries_are_kept_where_they_do_not_all_fit() -> None:
    assert unmet_searches._fit(["abc", "def", "ghi"], 8) == "abc def"
    assert unmet_searches._fit([], 8) == ""
