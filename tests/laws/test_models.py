"""Nouns: relations go down, families can be reached and are never in an admin, names are ours."""

from typing import Any, TypeAlias

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.db.models.fields.related import RelatedField
from wagtail.admin.viewsets import viewsets
from wagtail.snippets.models import get_snippet_models

from budgets.models import Family, Person
from marketplace.people.models import User
from marketplace.sharing.models import Information
from tests.laws import tree

pytestmark = pytest.mark.once

Model: TypeAlias = type[models.Model]

FLOORS = (
    {"cms"},
    {"pricing"},
    {"budgets"},
    {"people", "openreferral"},
    {"notices"},
    {"authority", "sharing"},
    {"referrals"},
    {"bookings"},
    {"insight"},
    {"rights"},
    {"pages"},
    {"marketplace"},
)
KEPT_OUT_OF_ADMINS = {"budgets", "referrals", "bookings", "sharing", "rights"}


def ours() -> list[Model]:
    """Return our own models."""
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in tree.PACKAGES]


def floor(model: Model) -> int:
    """Return how high a model's room is."""
    return next(number for number, rooms in enumerate(FLOORS) if model._meta.app_label in rooms)


def relations(model: Model) -> list[RelatedField[Any, Any]]:
    """Return the relations that a model itself declares."""
    fields = [*model._meta.fields, *model._meta.many_to_many]
    return [field for field in fields if isinstance(field, RelatedField)]


def points_upward(model: Model, other: Model) -> bool:
    """Tell whether a relation from one of our models to another leaves by the ceiling or a wall."""
    if other is User or model._meta.app_label == other._meta.app_label:
        return False
    return floor(other) >= floor(model)


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_no_relation_points_upward(model: Model) -> None:
    for field in relations(model):
        other = field.related_model
        if isinstance(other, type) and other in ours():
            assert not points_upward(model, other), f"{field} points upward to {other}"


def test_an_upward_relation_would_be_seen() -> None:
    referral = apps.get_model("referrals", "Referral")
    assert points_upward(Family, referral)
    assert points_upward(apps.get_model("sharing", "Reason"), apps.get_model("authority", "Rule"))
    assert not points_upward(referral, Family)


def reaches_a_family(model: Model, seen: frozenset[Model] = frozenset()) -> bool:
    """Tell whether a model's own relations lead to a family or a person, but not through a user."""
    if model in (Family, Person):
        return True
    if model in seen or model is User:
        return False
    return any(
        isinstance(field.related_model, type)
        and field.related_model in ours()
        and reaches_a_family(field.related_model, seen | {model})
        for field in relations(model)
    )


def end_of(model: Model, path: str) -> Model | models.Field[Any, Any]:
    """Follow a lookup path; return the model or the field at its end."""
    here: Any = model
    for name in filter(None, path.split("__")):
        field = here._meta.get_field(name)
        here = field.related_model if field.is_relation else field
    found: Model | models.Field[Any, Any] = here
    return found


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_what_holds_anything_about_a_family_says_how_to_reach_it(model: Model) -> None:
    path = getattr(model, "FAMILY_PATH", None)
    if reaches_a_family(model):
        assert path is not None, f"{model._meta.label} needs a FAMILY_PATH"
    if path is not None:
        assert end_of(model, path) is Family
    if hasattr(model, "PERSON_PATH"):
        assert end_of(model, model.PERSON_PATH) is Person
    if hasattr(model, "CONFIDENTIAL_PATH"):
        assert isinstance(end_of(model, model.CONFIDENTIAL_PATH), models.BooleanField)


@pytest.mark.parametrize(
    "model",
    [each for each in ours() if hasattr(each, "FAMILY_PATH")],
    ids=lambda model: model._meta.label,
)
def test_what_is_about_a_family_says_what_kind_of_information_it_is(model: Model) -> None:
    """So that a sharing of some kinds opens no other (design §5)."""
    said = getattr(model, "INFORMATION", None)
    if isinstance(said, dict):
        assert isinstance(end_of(model, getattr(model, "INFORMATION_PATH", "")), models.CharField)
    kinds = set(said.values()) if isinstance(said, dict) else {said}
    assert kinds <= set(Information.values), f"{model._meta.label} needs an INFORMATION"


def test_a_model_that_reaches_a_family_is_seen() -> None:
    assert reaches_a_family(apps.get_model("referrals", "Referral"))
    assert reaches_a_family(apps.get_model("budgets", "Transfer"))
    assert not reaches_a_family(apps.get_model("cms", "Service"))


def undeclared(model: Model, personal: dict[str, bool]) -> set[str]:
    """Return the fields that no one declared personal or not, and declarations of no field."""
    concrete = {field.name for field in model._meta.concrete_fields}
    many = {field.name for field in model._meta.many_to_many}
    return (concrete - set(personal)) | (set(personal) - concrete - many)


@pytest.mark.parametrize(
    "model",
    [each for each in ours() if hasattr(each, "FAMILY_PATH") or each is User],
    ids=lambda model: model._meta.label,
)
def test_every_field_is_declared_personal_or_not(model: Model) -> None:
    personal = getattr(model, "PERSONAL", {})
    assert undeclared(model, personal) == set()
    assert all(isinstance(each, bool) for each in personal.values())


def test_a_field_left_undeclared_is_seen() -> None:
    personal = dict(Family.PERSONAL)
    del personal["name"]
    assert undeclared(Family, {**personal, "nickname": True}) == {"name", "nickname"}


def about_families(models_: list[Model]) -> list[Model]:
    """Return those models that no admin may show."""
    return [
        model
        for model in models_
        if hasattr(model, "FAMILY_PATH") or model._meta.app_label in KEPT_OUT_OF_ADMINS
    ]


def test_nothing_about_a_family_is_in_an_admin() -> None:
    viewsets.populate()
    shown = [getattr(each, "model", None) for each in viewsets.viewsets]
    in_wagtail = [apps.get_model(each) if isinstance(each, str) else each for each in shown if each]
    assert about_families(list(admin.site._registry)) == []
    assert about_families(get_snippet_models()) == []
    assert about_families(in_wagtail) == []
    assert about_families([User, Family]) == [Family]


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_str_asks_the_database_nothing(model: Model) -> None:
    # No database is allowed here, and every relation is set: following one would raise.
    related = {
        field.attname: 1
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
    }
    words = {
        field.attname: "word"
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
    }
    assert str(model(**words, **related))


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_every_constraint_has_a_name_of_ours(model: Model) -> None:
    assert not model._meta.unique_together, "name it: a UniqueConstraint"
    for constraint in model._meta.constraints:
        assert constraint.name.startswith(f"{model._meta.app_label}_")
        assert len(constraint.name) <= 63, "PostgreSQL would cut it off"


@pytest.mark.parametrize("model", ours(), ids=lambda model: model._meta.label)
def test_a_reference_is_a_random_uuid(model: Model) -> None:
    fields = {field.name: field for field in model._meta.concrete_fields}
    reference = fields.get("reference")
    if reference is not None:
        assert isinstance(reference, models.UUIDField)
        assert reference.unique
        assert reference.has_default()
        assert not reference.editable
