"""Rows that were built once by the verbs, put back for each test in a few queries.

The verbs write the cast with about five hundred queries. Its rows are kept in memory after the
first time, and written again as they are, numbers and references included.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar, cast

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models.sql import InsertQuery
from django_tasks_db.models import DBTaskResult

Built = TypeVar("Built")

Numbers = dict[type[models.Model], set[Any]]


class Snapshot(Generic[Built]):
    """What a builder returns, and every row that it wrote."""

    def __init__(self, build: Callable[[], Built]) -> None:
        self.build = build
        self.built = b""
        self.changed: list[type[models.Model]] = []
        self.inserts: list[tuple[str, tuple[Any, ...]]] = []

    def put(self) -> Built:
        """Write the rows into the test's own database, and return a copy of what was built."""
        if not self.built:
            return self._keep()
        # Foreign keys are checked at commit, so that the order of the tables does not matter.
        with transaction.atomic(), connection.cursor() as cursor:
            for sql, params in self.inserts:
                cursor.execute(sql, params)
        _count_on(self.changed)
        return cast(Built, pickle.loads(self.built))

    def _keep(self) -> Built:
        before = _numbers()
        built = self.build()
        for model, known in before.items():
            rows = list(model._base_manager.exclude(pk__in=known))
            if rows:
                self.changed.append(model)
                self.inserts += _inserts(model, rows)
        self.built = pickle.dumps(built)
        return built


def _inserts(
    model: type[models.Model], rows: list[models.Model]
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Return what writes these rows as they are: Django takes longer to say it than to do it."""
    fields = model._meta.local_concrete_fields
    size = connection.ops.bulk_batch_size(fields, rows)
    for start in range(0, len(rows), size):
        query = InsertQuery(model)
        query.insert_values(fields, rows[start : start + size], raw=True)
        yield from query.get_compiler(connection=connection).as_sql()


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
