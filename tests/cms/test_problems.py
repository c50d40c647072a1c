"""The review list."""

from datetime import UTC, datetime, timedelta

from cms import problems
from cms.models import Problem
from tests.cms.conftest import Shelf

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


def report(sentence: str = "Its age is −1.") -> Problem:
    """Report one problem."""
    return problems.report(source="feed", source_id="7", code="age", sentence=sentence, at=NOW)


def test_a_problem_is_on_the_list_once(db: None) -> None:
    assert report() == report()
    assert Problem.objects.open().count() == 1


def test_a_settled_problem_stays_settled_unless_something_else_is_found(db: None) -> None:
    settled = problems.settle(problem=report(), by="edie", at=NOW)
    assert (settled.is_open, settled.settled_by, settled.settled_at) == (False, "edie", NOW)
    assert not report().is_open
    again = report("Its age is −2.")
    assert again.is_open
    assert again.settled_at is None


def test_settling_twice_keeps_the_first(db: None) -> None:
    problem = problems.settle(problem=report(), by="edie", at=NOW)
    again = problems.settle(problem=problem, by="colin", at=NOW + timedelta(days=1))
    assert (again.settled_by, again.settled_at) == ("edie", NOW)


def test_a_problem_of_a_service_is_its_owners_to_settle(shelf: Shelf) -> None:
    first = report()
    assert first.organisation is None
    found = problems.report(
        source="feed",
        source_id="7",
        code="age",
        sentence=first.sentence,
        at=NOW,
        service=shelf.counselling,
    )
    assert (found.pk, found.organisation) == (first.pk, shelf.council)
