"""The gate's condition for one model, written out once.

To build it from `grounds` takes Django twenty milliseconds, and the database asks it in half of
one. So its SQL is kept, with a mark wherever the user, her person, a day or the moment stands.
"""

import functools
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BigAutoField, Expression, Model, Q, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from budgets.models.family import ADULT_AT
from marketplace.people.models import User
from marketplace.sharing import grounds
from marketplace.sharing.paths import Paths

# Marks that no key and no clock will ever hold.
USER, PERSON = -70_000_001, -70_000_002
AT = datetime(1604, 7, 9, 12, tzinfo=UTC)


class Keys(Expression):
    """The keys of the rows that a user may know at a moment, for the right side of `pk__in`."""

    def __init__(self, *, model: type[Model], path: Paths, user: User, at: datetime) -> None:
        super().__init__(output_field=BigAutoField())
        self.model, self.path, self.at = model, path, at
        self.user, self.person = user.pk, user.person_id

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        """Return the SQL that was kept, with what the marks stand for."""
        sql, marked = written(self.model, self.path, self.person is not None, connection.alias)
        marks = _values(connection, user=USER, person=PERSON, at=AT)
        values = _values(connection, user=self.user, person=self.person, at=self.at)
        meant = dict(zip(marks, values, strict=True))
        return f"({sql})", [meant.get(param, param) for param in marked]


@functools.cache
def written(
    model: type[Model], path: Paths, has_person: bool, alias: str
) -> tuple[str, tuple[Any, ...]]:
    """Return the condition's SQL for one database, and its parameters with marks among them.

    Raises EmptyResultSet where nobody may know a row of the model.
    """
    somebody = User(pk=USER, person_id=PERSON if has_person else None)
    found = any_of(model, grounds.conditions(path, user=somebody, at=AT))
    if found.query.is_empty():
        raise EmptyResultSet
    sql, params = found.query.get_compiler(connection=connections[alias]).as_sql()
    return sql, tuple(params)


def any_of(model: type[Model], conditions: Iterable[Q]) -> QuerySet[Any, Any]:
    """Return the keys of the rows that meet any of the conditions.

    A union, not an OR, so that the database walks one index for each.
    """
    branches = [
        model._base_manager.filter(condition).order_by().values("pk") for condition in conditions
    ]
    if not branches:
        return model._base_manager.none().values("pk")
    return branches[0].union(*branches[1:], all=True)


def _values(connection: Any, *, user: int, person: int | None, at: datetime) -> list[Any]:
    """Return what can stand in the condition, as this database takes it."""
    today = timezone.localdate(at)
    days: list[date] = [today, grounds.years_before(today, ADULT_AT)]
    return [
        user,
        person,
        *(connection.ops.adapt_datefield_value(day) for day in days),
        connection.ops.adapt_datetimefield_value(at),
    ]
