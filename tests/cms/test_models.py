"""What a row of the catalogue may be."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from cms.models import (
    Criterion,
    CriterionOperator,
    Organisation,
    OrganisationKind,
    Process,
    Question,
    QuestionKind,
    Schedule,
    Service,
    Term,
)
from tests.cms.conftest import Shelf


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        (CriterionOperator.BETWEEN, [5, 11]),
        (CriterionOperator.AT_LEAST, 16),
        (CriterionOperator.AT_MOST, 0),
        (CriterionOperator.IS, True),
        (CriterionOperator.IS, "Blaby"),
        (CriterionOperator.ONE_OF, ["Blaby", "Melton"]),
    ],
)
def test_a_criterion_takes_what_its_comparison_can_use(operator: str, value: object) -> None:
    Criterion(fact="age", operator=operator, value=value, sentence="So.").clean()


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        (CriterionOperator.BETWEEN, [11, 5]),
        (CriterionOperator.BETWEEN, 5),
        (CriterionOperator.BETWEEN, [5, 6, 7]),
        (CriterionOperator.BETWEEN, ["5", "11"]),
        (CriterionOperator.AT_LEAST, "16"),
        (CriterionOperator.AT_LEAST, True),
        (CriterionOperator.AT_MOST, None),
        (CriterionOperator.IS, [True]),
        (CriterionOperator.ONE_OF, []),
        (CriterionOperator.ONE_OF, "Blaby"),
    ],
)
def test_a_criterion_refuses_what_its_comparison_cannot_use(operator: str, value: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        Criterion(fact="age", operator=operator, value=value, sentence="So.").clean()
    assert "value" in refusal.value.message_dict


def test_a_choice_needs_something_to_choose_from() -> None:
    Question(key="a", text="A?", kind=QuestionKind.CHOICE, choices=["Yes", "No"]).clean()
    with pytest.raises(ValidationError):
        Question(key="a", text="A?", kind=QuestionKind.CHOICE, choices=["Yes"]).clean()
    with pytest.raises(ValidationError):
        Question(key="a", text="A?", choices="Yes").clean()


@pytest.mark.parametrize(
    "row",
    [
        lambda shelf: Process(service=shelf.swimming, step="book", position=9),
        lambda shelf: Process(service=shelf.swimming, step="guess"),
        lambda shelf: Question(service=shelf.swimming, key="a", text="A?", kind="riddle"),
        lambda shelf: Schedule(service=shelf.swimming, weekday=7),
        lambda shelf: Schedule(service=shelf.swimming, opens_at="12:00", closes_at="12:00"),
        lambda shelf: Term(taxonomy="need", slug="exercise", name="Again"),
        lambda shelf: Organisation(name="HINCKLEY council"),
        lambda shelf: Organisation(name=""),
        lambda shelf: Service(
            slug="learn-to-swim", name="X", owner=shelf.council, provider=shelf.council
        ),
    ],
    ids=[
        "step twice",
        "unknown step",
        "unknown answer",
        "eighth day",
        "ends as it begins",
        "term twice",
        "organisation twice",
        "nameless",
        "address twice",
    ],
)
def test_the_database_refuses(shelf: Shelf, row: object) -> None:
    made: models.Model = row(shelf)  # type: ignore[operator]
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save()


def test_two_directories_may_know_organisations_of_one_name(db: None) -> None:
    Organisation.objects.create(name="Library", source="one", source_id="1")
    Organisation.objects.create(name="Library", source="two", source_id="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(name="Other", source="two", source_id="1")


def test_who_acts_on_public_task() -> None:
    assert Organisation(kind=OrganisationKind.POLICE).is_public_body
    assert not Organisation(kind=OrganisationKind.CHARITY).is_public_body


def test_a_service_says_what_it_is(shelf: Shelf) -> None:
    assert shelf.kai.is_mentor
    assert not shelf.swimming.is_mentor
    assert [*Service.objects.mentors()] == [shelf.kai]
    assert [*Organisation.objects.public_bodies()] == [shelf.council]
