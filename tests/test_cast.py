"""The cast stands, and is put up quickly."""

from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from budgets import ledger
from cms.models import Organisation
from tests import cast as casts
from tests import stage
from tests.cast import Cast
from tests.snapshots import Snapshot

pytestmark = pytest.mark.django_db

QUERIES_AT_MOST = 60


def test_the_plan_holds_six_thousand_pounds(cast: Cast):
    assert ledger.plan_balance(plan=cast.plan).left_pence == casts.PLAN_PENCE
    assert ledger.prove().ok


def test_what_is_put_back_is_what_was_built():
    snapshot = Snapshot(stage.build)
    with transaction.atomic():
        snapshot.put()
        built = _everything()
        transaction.set_rollback(True)
    snapshot.put()
    assert _everything() == built


def test_a_row_of_the_test_has_a_number_of_its_own(cast: Cast):
    assert Organisation.objects.create(name="Another").pk > cast.mentors.pk


def test_it_is_put_up_in_few_queries(django_assert_max_num_queries: Any):
    snapshot = Snapshot(stage.build)
    with transaction.atomic():
        snapshot.put()
        transaction.set_rollback(True)
    with django_assert_max_num_queries(QUERIES_AT_MOST):
        snapshot.put()


def _everything() -> list[Any]:
    """Return every row as it is, but for the moments that the database's clock wrote."""
    rows = [
        row
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy and model is not DBTaskResult
        for row in model._base_manager.order_by("pk")
    ]
    found = serializers.serialize("python", rows)
    for row in found:
        for name in ("changed_at", "date_joined"):
            row["fields"].pop(name, None)
    return list(found)
