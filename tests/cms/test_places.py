"""Where a postcode is."""

import pytest

from cms import places


@pytest.mark.parametrize("typed", ["le10 1ab", "LE101AB", " Le10  1aB ", "LE10-1AB"])
def test_a_postcode_is_written_one_way_however_it_was_typed(typed: str) -> None:
    assert places.tidy(typed) == "LE10 1AB"


@pytest.mark.parametrize("typed", ["", "LE10", "nowhere", "LE10 1A", "12345", "LU7 ONY"])
def test_what_cannot_be_a_postcode_is_nothing(typed: str) -> None:
    assert places.tidy(typed) == ""


def test_a_known_postcode_leads_to_its_own_point_and_district() -> None:
    exact, _roughly = places.table()
    written, point = next(iter(exact.items()))
    found = places.find(postcode=written.replace(" ", "").lower())
    assert found == point
    assert found is not None
    assert found.is_exact
    assert found.district


def test_an_unknown_postcode_of_a_known_first_half_leads_to_its_middle() -> None:
    found = places.find(postcode="LE10 9ZZ")
    assert found is not None
    assert not found.is_exact
    assert 52 < found.latitude < 53
    assert found == places.find(postcode="le10")


def test_a_postcode_from_elsewhere_is_not_known() -> None:
    assert places.find(postcode="HP20 1XS") is None
    assert places.find(postcode="") is None
