"""Several at once: the lock decides, and the sums stay right."""

import threading
from typing import Any

import pytest
from django.db import OperationalError, close_old_connections, connection

from budgets import history, ledger
from cms.models import Step
from marketplace.authority import uses
from marketplace.authority.models import Rule
from marketplace.referrals import (
    endings,
)
from marketplace.referrals.models import (
    Rung,
)
from tests.cast import PLAN_PENCE, Cast
from tests.marketplace.referrals import climbing


def race(*acts_at_once: Any) -> list[str]:
    """Run acts at once, each in a thread with a connection of its own; return how each ended."""
    start, ended = threading.Barrier(len(acts_at_once)), []

    def run(act: Any) -> None:
        try:
            start.wait()
            for _try in range(50):
                try:
                    act()
                    break
                except OperationalError as error:
                    if "locked" not in str(error):
                        raise
            ended.append("done")
        except history.Refused as refusal:
            ended.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts_at_once]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    return sorted(ended)


@pytest.mark.django_db(transaction=True)
def test_two_commissions_of_one_referral_at_once_set_money_aside_once(
    transactional_db: None, cast: Cast
) -> None:
    referral = climbing.ready(cast)
    ended = race(*[lambda: climbing.set_aside(cast, referral)] * 4)
    assert ended.count("done") == 1
    assert set(ended) <= {"done", "NotAllowed"}
    assert climbing.money(cast) == (PLAN_PENCE - climbing.TOTAL, climbing.TOTAL, 0)
    assert ledger.prove().ok


@pytest.mark.django_db(transaction=True)
def test_of_two_commissions_at_once_on_a_limit_for_one_only_one_goes_through(
    transactional_db: None, cast: Cast
) -> None:
    one = climbing.limited(cast, limit_family_year_pence=climbing.TOTAL)
    other = climbing.ready(cast, person=climbing.sibling(cast))
    ended = race(lambda: climbing.set_aside(cast, one), lambda: climbing.set_aside(cast, other))
    assert ended.count("done") == 1
    assert climbing.money(cast)[1] == climbing.TOTAL
    year = uses.year_of(cast.day)
    rule = Rule.objects.get(agreement=cast.agreement, service=cast.mentor, step=Step.COMMISSION)
    assert uses.totals(rule=rule, family=cast.family, year=year).family_pence == climbing.TOTAL


@pytest.mark.django_db(transaction=True)
def test_a_commission_and_a_no_at_once_leave_money_set_aside_only_if_it_stands(
    transactional_db: None, cast: Cast
) -> None:
    referral = climbing.ready(cast)
    by = cast.by(cast.amira)
    race(
        lambda: climbing.set_aside(cast, referral),
        lambda: endings.withdraw(referral=referral, by=by, at=cast.at),
    )
    assert climbing.again(referral).rung == Rung.WITHDRAWN
    assert climbing.money(cast) == (PLAN_PENCE, 0, 0)
    assert ledger.prove().ok
