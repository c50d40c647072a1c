"""Running totals: exact, given back, and never passed, also where eight ask at once."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connections

from cms.models import Step
from marketplace.authority import uses
from marketplace.authority.models import Rule, Use
from tests.cast import Cast
from tests.marketplace.authority.asking import rule_of

AT_ONCE = 8
EACH_PENCE = 30_000  # of £1,000 for a family and year: three fit


@pytest.mark.django_db
def test_a_use_counts_for_the_family_and_for_the_rule(cast: Cast):
    rule = rule_of(cast)
    uses.add(rule=rule, family=cast.family, year=2026, amount_pence=1_000)
    uses.add(rule=rule, family=cast.neighbours, year=2026, amount_pence=500)
    assert uses.totals(rule=rule, family=cast.family, year=2026) == uses.Totals(1_000, 1_500)
    assert uses.totals(rule=rule, family=None, year=2026) == uses.Totals(0, 1_500)
    assert uses.totals(rule=rule, family=cast.family, year=2025) == uses.Totals(0, 0)


@pytest.mark.django_db
def test_what_is_given_back_counts_no_more(cast: Cast):
    rule = rule_of(cast)
    uses.add(rule=rule, family=cast.family, year=2026, amount_pence=100_000)
    with pytest.raises(uses.OverLimit):
        uses.add(rule=rule, family=cast.family, year=2026, amount_pence=1)
    uses.add(rule=rule, family=cast.family, year=2026, amount_pence=-100_000)
    uses.add(rule=rule, family=cast.family, year=2026, amount_pence=100_000)
    assert uses.totals(rule=rule, family=cast.family, year=2026).family_pence == 100_000


@pytest.mark.django_db
def test_a_refusal_leaves_no_trace(cast: Cast):
    rule = rule_of(cast)
    with pytest.raises(uses.OverLimit) as refusal:
        uses.add(rule=rule, family=cast.family, year=2026, amount_pence=100_001)
    assert "approval" in refusal.value.sentence
    assert not Use.objects.exists()


@pytest.mark.django_db
def test_the_limit_of_the_rule_stands_above_that_of_the_family(cast: Cast):
    rule = rule_of(cast)
    Rule.objects.filter(pk=rule.pk).update(limit_year_pence=50_000)
    rule.refresh_from_db()
    with pytest.raises(uses.OverLimit):
        uses.add(rule=rule, family=cast.family, year=2026, amount_pence=50_001)


@pytest.mark.django_db
def test_without_limits_it_only_counts(cast: Cast):
    rule = rule_of(cast, Step.CHECK_ELIGIBILITY)
    uses.add(rule=rule, family=cast.family, year=2026, amount_pence=10**9)
    assert uses.totals(rule=rule, family=cast.family, year=2026).all_pence == 10**9


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026), (date(2027, 1, 1), 2026)]
)
def test_a_year_begins_in_april(day: date, year: int):
    assert uses.year_of(day) == year


def at_once(act: Callable[[], None]) -> int:
    """Let eight act at the same moment; return how many were let through."""
    gate = threading.Barrier(AT_ONCE)
    done: list[bool] = []

    def run() -> None:
        gate.wait()
        try:
            act()
        except uses.OverLimit:
            done.append(False)
        else:
            done.append(True)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == AT_ONCE
    return sum(done)


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_as_many_pass_as_the_limit_allows(cast: Cast):
    rule = rule_of(cast)

    def add() -> None:
        uses.add(rule=rule, family=cast.family, year=2026, amount_pence=EACH_PENCE)

    assert at_once(add) == 3
    assert uses.totals(rule=rule, family=cast.family, year=2026) == uses.Totals(90_000, 90_000)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_more_would_pass(cast: Cast):
    rule = rule_of(cast)
    Use.objects.create(lineage=rule.lineage, family=cast.family, year=2026)
    everybody_has_read = threading.Barrier(AT_ONCE)

    def carelessly_add() -> None:
        use = Use.objects.get(lineage=rule.lineage, family=cast.family, year=2026)
        everybody_has_read.wait()
        if use.amount_pence + EACH_PENCE > 100_000:
            raise uses.OverLimit("")
        use.amount_pence += EACH_PENCE
        use.save()

    assert at_once(carelessly_add) > 3
