"""Rows that were built once by the verbs, put back for each test in a few queries.

The verbs write the cast with about five hundred queries. Its rows are kept in memory after the
first time, and written again as they are, numbers and references included.
"""

import copy
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django_tasks_db.models import DBTaskResult

Built = TypeVar("Built")

Numbers = dict[type[models.Model], set[Any]]


class Snapshot(Generic[Built]):
    """What a builder returns, and every row that it wrote."""

    def __init__(self, build: Callable[[], Built]) -> None:
        self.build = build
        self.built: Built | None = None
        self.rows: dict[type[models.Model], list[models.Model]] = {}

    def put(self) -> Built:
        """Write the rows into the test's own database, and return a copy of what was built."""
        if self.built is None:
            before = _numbers()
            built = self.build()
            self.rows = {
                model: list(model._base_manager.exclude(pk__in=known))
                for model, known in before.items()
            }
            self.built = copy.deepcopy(built)
            return built
        # Foreign keys are checked at commit, so that the order of the tables does not matter.
        with transaction.atomic():
            for model, rows in self.rows.items():
                if rows:
                    model._base_manager.bulk_create(map(copy.copy, rows))
        _count_on(model for model, rows in self.rows.items() if rows)
        return copy.deepcopy(self.built)


def _numbers() -> Numbers:
    return {
        model: set(model._base_manager.values_list("pk", flat=True))
        for model in apps.get_models(include_auto_created=True)
        # What waits for a background worker is no part of the cast.
        if model._meta.managed and not model._meta.proxy and model is not DBTaskResult
    }


def _count_on(changed: Iterable[type[models.Model]]) -> None:
    """Let the next new row have a number of its own; SQLite does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(";".join(connection.ops.sequence_reset_sql(no_style(), list(changed))))
