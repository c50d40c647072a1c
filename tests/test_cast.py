"""The cast stands, quickly."""

import time

import pytest

from budgets import ledger
from tests import cast as casts
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_the_plan_holds_six_thousand_pounds(cast: Cast):
    assert ledger.plan_balance(plan=cast.plan).left_pence == casts.PLAN_PENCE
    assert ledger.prove().ok


def test_it_is_built_in_few_queries(django_assert_max_num_queries):
    start = time.monotonic()
    with django_assert_max_num_queries(600) as q:
        casts.build()
    print(len(q), time.monotonic() - start)
