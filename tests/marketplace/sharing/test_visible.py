"""Who may know: every model about families, for everybody."""

from typing import Any

import pytest
from django.db import models

from marketplace.sharing import sharing
from tests.cast import Cast
from tests.marketplace.sharing import record

Model = type[models.Model]


def seen(model: Model, cast: Cast, name: str) -> set[int]:
    """Return the keys of the rows of a model that somebody sees now."""
    rows: Any = sharing.visible(model._base_manager.all(), user=getattr(cast, name), at=cast.at)
    return set(rows.values_list("pk", flat=True))


@pytest.mark.parametrize("model", record.about_families(), ids=lambda model: model._meta.label)
def test_everybody_sees_what_they_may_and_nothing_else(model: Model, whole: Cast):
    label = model._meta.label
    about = {row.pk: record.ABOUT[label](row) for row in model._base_manager.all()}
    for name in whole.users:
        expected = {pk for pk, said in about.items() if record.may_see(whole, name, label, said)}
        assert seen(model, whole, name) == expected, name


@pytest.mark.parametrize("model", record.about_families(), ids=lambda model: model._meta.label)
def test_the_record_has_rows_of_every_kind(model: Model, whole: Cast):
    about = [record.ABOUT[model._meta.label](row) for row in model._base_manager.all()]
    families = {said.family for said in about}
    assert {whole.family, whole.neighbours} <= families
    if hasattr(model, "CONFIDENTIAL_PATH"):
        assert {said.is_confidential for said in about} == {True, False}
