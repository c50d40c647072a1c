"""Complete, and with a fate: every personal field of every model is in a copy and can be erased."""

from typing import Any

import pytest
from django.apps import apps
from django.db import models

from budgets.models import Goal, Person
from marketplace.rights import blanks, exceptions, record
from marketplace.sharing.paths import paths
from tests.laws import tree

pytestmark = pytest.mark.once

Model = type[models.Model]


def declared() -> list[Model]:
    """Return every model of ours that says which of its fields are personal."""
    return [
        model
        for model in apps.get_models()
        if model.__module__.split(".")[0] in tree.PACKAGES and hasattr(model, "PERSONAL")
    ]


def is_for_nobody(model: Model) -> bool:
    """Tell whether the rows of a model name nobody and are private: the gate lets nobody in."""
    path = paths(model)
    return path.is_private and path.person is None


def left_out(model: Model) -> set[str]:
    """Return the personal fields that no copy shows, and that nobody gave a reason for."""
    label = model._meta.label
    if label in exceptions.MODELS:
        return set()
    shown = set()
    if hasattr(model, "FAMILY_PATH") and not is_for_nobody(model):
        shown = {field.name for field in record.fields_of(model)}
    elif label in record.OTHER_WAYS:
        shown = set(record.OTHER_WAYS[label].fields)
    reasons = {name for name in exceptions.FIELDS if name.startswith(f"{label}.")}
    excepted = {name.rpartition(".")[2] for name in reasons} | set(exceptions.EVERYWHERE)
    walked = model in set(record.walk())
    personal = {field.name for field in blanks.personal(model)}
    return personal - excepted - (shown if walked else set())


@pytest.mark.parametrize("model", declared(), ids=lambda model: model._meta.label)
def test_every_personal_field_is_in_the_copy_or_has_a_reason(model: Model) -> None:
    assert left_out(model) == set()


@pytest.mark.parametrize("model", declared(), ids=lambda model: model._meta.label)
def test_every_personal_field_is_blanked_or_has_a_reason_to_stay(model: Model) -> None:
    for field in blanks.personal(model):
        blanks.fate(model, field)  # raises NoFate


def test_every_relation_to_a_person_is_a_way_to_her_record_or_has_a_reason() -> None:
    lost = []
    for model in declared():
        label = model._meta.label
        ways = {
            getattr(model, "PERSON_PATH", None),
            getattr(record.OTHER_WAYS.get(label), "lookup", None),
        }
        for field in model._meta.concrete_fields:
            name = f"{label}.{field.name}"
            is_excepted = name in exceptions.PERSONS or label in exceptions.MODELS
            if field.related_model is Person and field.name not in ways and not is_excepted:
                lost.append(name)
    assert lost == []


def test_an_exception_names_something_that_is_there() -> None:
    labels = {model._meta.label: model for model in apps.get_models()}
    assert set(exceptions.MODELS) <= set(labels)
    assert set(record.OTHER_WAYS) <= set(labels)
    named = [*exceptions.FIELDS, *exceptions.PERSONS, *blanks.STAYS, *blanks.OTHERWISE]
    for name in named:
        label, _dot, field = name.rpartition(".")
        assert labels[label]._meta.get_field(field)


def test_a_field_that_is_forgotten_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twins: a field that no copy shows, and one that nobody gave a fate."""
    shown = record.fields_of

    def without_words(model: Model) -> list[Any]:
        return [field for field in shown(model) if field.name != "words"]

    monkeypatch.setattr(record, "fields_of", without_words)
    assert left_out(Goal) == {"words"}
    with pytest.raises(blanks.NoFate):
        blanks.fate(Goal, models.FloatField(name="weight"))
