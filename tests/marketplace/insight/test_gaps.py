"""What is looked for in vain, as commissioners read it."""

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms import unmet_searches
from cms.searches import Asked
from marketplace.insight import gaps
from tests.cast import Cast


def look(cast: Cast, times: int, *, district: str = "", days_ago: int = 0, **asked: object) -> None:
    """Let something be looked for in vain so many times."""
    for _time in range(times):
        unmet_searches.count(
            asked=Asked(**asked),  # type: ignore[arg-type]
            on=cast.day - timedelta(days=days_ago),
            district=district,
        )


def test_gaps_are_counted_by_need_and_place_beside_what_is_offered(cast_today: Cast) -> None:
    cast = cast_today
    look(cast, 3, terms=(cast.need,), district="Charnwood", wait_to_days=7)
    look(cast, 2, terms=(cast.need, cast.barrier), kinds=("mentor",))
    look(cast, 9, terms=(cast.need,), days_ago=400)
    found = gaps.of(since=cast.day - timedelta(days=365), until=cast.day)
    assert found.searches == 5
    assert [(gap.name, gap.searches, gap.offered) for gap in found.terms] == [
        ("Leisure", 5, 1),
        ("Afraid of the bus", 2, 0),
    ]
    assert found.terms[0].districts == (("Charnwood", 3), ("", 2))
    assert found.filters == (("wait", 3),)
    assert found.kinds == (("Mentor", 2),)
    near = gaps.of(since=cast.day, until=cast.day, district="Charnwood")
    assert near.searches == 3
    assert gaps.districts() == ["Charnwood"]


def test_commissioners_see_them_and_narrow_them(cast_today: Cast, client: Client) -> None:
    cast = cast_today
    client.force_login(cast.colin)
    path = reverse("commissioner_gaps")
    assert "Nothing was looked for in vain" in client.get(path).content.decode()
    look(cast, 3, terms=(cast.barrier,), district="Charnwood", days_ago=60)
    page = client.get(path).content.decode()
    assert "3 searches found nothing" in page
    assert "Afraid of the bus" in page
    assert "Charnwood (3)" in page
    for query in ({"days": "31"}, {"days": "x"}, {"district": "x"}):
        assert client.get(path, query).status_code == 200
    assert "Nothing was looked for in vain" in client.get(path, {"days": "31"}).content.decode()


def test_the_page_costs_the_same_however_much_was_looked_for(
    cast_today: Cast, client: Client
) -> None:
    cast = cast_today
    client.force_login(cast.colin)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("commissioner_gaps"))
        return len(asked)

    look(cast, 1, terms=(cast.need,), district="Charnwood")
    few = queries()
    for day in range(1, 20):
        look(cast, 1, terms=(cast.need, cast.barrier), district="Melton", days_ago=day)
    assert queries() == few
