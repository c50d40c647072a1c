"""The verbs of the catalogue."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from wagtail.models import ModelLogEntry, WorkflowState

from cms import catalogue, problems, proposals, words
from cms.models import Criterion, Listing, Place, Question, Schedule, Service, Step
from tests.cms.conftest import DAY, Shelf

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def pat(db: None) -> Any:
    """Somebody at the provider's, who proposes."""
    return get_user_model().objects.create(email="pat@open-door.example", name="Pat")


def test_a_service_is_added_with_all_that_belongs_to_it_and_is_listed(shelf: Shelf) -> None:
    service = Service.objects.get(pk=shelf.swimming.pk)
    assert service.slug == "learn-to-swim"
    assert service.provider == service.owner == shelf.council
    assert [process.step for process in service.processes.all()] == [Step.BOOK]
    assert [criterion.sentence for criterion in service.criteria.all()] == [
        "For children aged 5 to 11."
    ]
    assert service.is_universal
    assert service.live
    assert service.listing.name == "Learn to swim"


def test_two_services_of_one_name_get_two_addresses(shelf: Shelf) -> None:
    second = catalogue.add_service(name="Learn to swim", owner=shelf.charity)
    third = catalogue.add_service(name="Learn to swim!", owner=shelf.charity)
    assert (second.slug, third.slug) == ("learn-to-swim-2", "learn-to-swim-3")


def test_steps_questions_and_criteria_keep_their_order(shelf: Shelf) -> None:
    service = catalogue.add_service(
        name="Ordered",
        owner=shelf.council,
        steps=[Step.ASSESS, Step.CHECK_ELIGIBILITY],
        questions=[Question(key="b", text="Second?"), Question(key="a", text="First?")],
        criteria=[
            Criterion(fact="age", operator="at_least", value=16, sentence="16 and over"),
            Criterion(fact="district", operator="one_of", value=["Blaby"], sentence="Blaby"),
        ],
    )
    service = Service.objects.get(pk=service.pk)
    assert [process.step for process in service.processes.all()] == ["assess", "check_eligibility"]
    assert [question.key for question in service.questions.all()] == ["b", "a"]
    assert [criterion.fact for criterion in service.criteria.all()] == ["age", "district"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": ""}, "name"),
        ({"minimum_age": 12, "maximum_age": 5}, "__all__"),
        ({"minimum_age": 131}, "__all__"),
        ({"kind": "wizard"}, "kind"),
        ({"website": "not an address"}, "website"),
        ({"standard_quantity": 0}, "__all__"),
    ],
)
def test_an_unfit_service_is_refused_and_leaves_no_trace(
    shelf: Shelf, fields: dict[str, Any], named: str
) -> None:
    before = Service.objects.count(), Listing.objects.count()
    with pytest.raises(catalogue.Unfit) as refusal:
        catalogue.add_service(**{"name": "Odd", "owner": shelf.council, **fields})
    assert named in refusal.value.errors
    assert (Service.objects.count(), Listing.objects.count()) == before


def test_the_database_has_the_last_word_on_ages(shelf: Shelf) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Service.objects.filter(pk=shelf.swimming.pk).update(minimum_age=50, maximum_age=5)


def test_a_place_gets_its_point_from_its_postcode(shelf: Shelf) -> None:
    place = catalogue.add_place(organisation=shelf.council, name="Town hall", postcode="le100fr")
    assert place.postcode == "LE10 0FR"
    assert place.has_point
    assert place.district == "Hinckley and Bosworth"


def test_a_place_keeps_the_point_it_is_given(shelf: Shelf) -> None:
    place = catalogue.add_place(
        organisation=shelf.council,
        name="Boat",
        postcode="LE10 0FR",
        latitude=52.0,
        longitude=-1.0,
    )
    assert (place.latitude, place.longitude) == (52.0, -1.0)


def test_half_a_point_is_no_place(shelf: Shelf) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.create(organisation=shelf.council, name="Half", latitude=52.0)


def test_a_proposal_changes_nothing_until_it_is_published(shelf: Shelf, pat: Any) -> None:
    proposals.propose(
        service=shelf.swimming,
        changes={
            "name": "Swim well",
            "terms": [shelf.lonely],
            "places": [shelf.hall],
            "schedules": [Schedule(weekday=2), Schedule(weekday=3)],
        },
        by_user=pat,
    )
    standing = Service.objects.get(pk=shelf.swimming.pk)
    assert standing.name == standing.listing.name == "Learn to swim"
    assert [*standing.terms.all()] == [shelf.moving]
    assert standing.schedules.count() == standing.criteria.count() == 1
    assert standing.has_unpublished_changes

    published = catalogue.publish(service=shelf.swimming, by_user=pat)
    assert published.name == published.listing.name == "Swim well"
    assert [*published.terms.all()] == [shelf.lonely]
    assert [*published.places.all()] == [shelf.hall]
    assert sorted(row.weekday or 0 for row in published.schedules.all()) == [2, 3]
    assert published.criteria.count() == 1
    assert not published.has_unpublished_changes


def test_a_proposal_waits_for_its_owner_in_wagtails_workflow(shelf: Shelf, pat: Any) -> None:
    proposals.propose(service=shelf.swimming, changes={"summary": "New"}, by_user=pat)
    state = Service.objects.get(pk=shelf.swimming.pk).current_workflow_state
    assert state is not None
    assert state.status == WorkflowState.STATUS_IN_PROGRESS
    assert state.requested_by == pat
    proposals.propose(service=shelf.swimming, changes={"summary": "Newer"}, by_user=pat)
    assert WorkflowState.objects.count() == 1
    assert Service.objects.get(pk=shelf.swimming.pk).get_latest_revision_as_object().summary == (
        "Newer"
    )


def test_approving_publishes_and_lists(shelf: Shelf, pat: Any) -> None:
    proposals.propose(service=shelf.swimming, changes={"name": "Aqua"}, by_user=pat)
    state = Service.objects.get(pk=shelf.swimming.pk).current_workflow_state
    assert state is not None
    edie = get_user_model().objects.create(email="edie@hinckley.example", is_superuser=True)
    state.current_task_state.approve(user=edie)
    assert Service.objects.get(pk=shelf.swimming.pk).name == "Aqua"
    assert Listing.objects.get(service=shelf.swimming).name == "Aqua"


def test_two_proposals_build_on_each_other(shelf: Shelf, pat: Any) -> None:
    proposals.propose(service=shelf.swimming, changes={"name": "Aqua"}, by_user=pat)
    proposals.propose(service=shelf.swimming, changes={"summary": "Wet."}, by_user=pat)
    published = catalogue.publish(service=shelf.swimming)
    assert (published.name, published.summary) == ("Aqua", "Wet.")


@pytest.mark.parametrize(
    "name",
    ["owner", "live", "checked_on", "withdrawn_on", "slug", "criteria", "bands", "minimum_age"],
)
def test_nobody_proposes_what_is_not_theirs_to_say(shelf: Shelf, pat: Any, name: str) -> None:
    with pytest.raises(proposals.NotProposable):
        proposals.propose(service=shelf.swimming, changes={name: None}, by_user=pat)
    assert not Service.objects.get(pk=shelf.swimming.pk).has_unpublished_changes


def test_an_unfit_proposal_is_refused_and_leaves_no_trace(shelf: Shelf, pat: Any) -> None:
    with pytest.raises(catalogue.Unfit) as refusal:
        proposals.propose(service=shelf.swimming, changes={"name": ""}, by_user=pat)
    assert "name" in refusal.value.errors
    assert not Service.objects.get(pk=shelf.swimming.pk).has_unpublished_changes
    assert WorkflowState.objects.count() == 0


def test_checking_says_when_and_survives_an_older_draft(shelf: Shelf, pat: Any) -> None:
    proposals.propose(service=shelf.swimming, changes={"name": "Aqua"}, by_user=pat)
    catalogue.check(service=shelf.swimming, on=DAY, by_user=pat)
    assert catalogue.publish(service=shelf.swimming).checked_on == DAY
    assert ModelLogEntry.objects.filter(action="cms.check", user=pat).count() == 1


def test_a_withdrawn_service_stays_withdrawn_though_an_old_draft_is_published(
    shelf: Shelf, pat: Any
) -> None:
    revision = proposals.propose(service=shelf.swimming, changes={"name": "Aqua"}, by_user=pat)
    catalogue.withdraw(service=shelf.swimming, on=DAY)
    # Not by our verb, which refuses, but by the button that Wagtail offers.
    revision.publish(skip_permission_checks=True)
    standing = Service.objects.get(pk=shelf.swimming.pk)
    assert standing.withdrawn_on == DAY
    assert standing not in Service.objects.offered(DAY)


@pytest.mark.parametrize(
    "act",
    [
        lambda service, user: proposals.propose(service=service, changes={}, by_user=user),
        lambda service, user: catalogue.publish(service=service),
        lambda service, user: catalogue.check(service=service, on=DAY),
        lambda service, user: catalogue.withdraw(service=service, on=DAY),
    ],
    ids=["propose", "publish", "check", "withdraw"],
)
def test_nothing_is_done_to_a_withdrawn_service(shelf: Shelf, pat: Any, act: Any) -> None:
    catalogue.withdraw(service=shelf.swimming, on=DAY)
    before = Service.objects.filter(pk=shelf.swimming.pk).values().get()
    with pytest.raises(catalogue.IsWithdrawn):
        act(shelf.swimming, pat)
    assert Service.objects.filter(pk=shelf.swimming.pk).values().get() == before


def test_a_service_is_there_until_the_day_it_is_withdrawn(shelf: Shelf) -> None:
    catalogue.withdraw(service=shelf.swimming, on=DAY + timedelta(days=7))
    assert shelf.swimming in Service.objects.offered(DAY)
    assert shelf.swimming not in Service.objects.offered(DAY + timedelta(days=7))


def test_merging_leads_to_the_entry_that_stays_and_hands_it_terms_and_problems(
    shelf: Shelf,
) -> None:
    problem = problems.report(
        source="feed", source_id="1", code="x", sentence="Odd.", at=NOW, service=shelf.counselling
    )
    stays = catalogue.merge(service=shelf.counselling, into=shelf.swimming, on=DAY)
    gone = Service.objects.get(pk=shelf.counselling.pk)
    assert gone.merged_into == stays
    assert gone.is_withdrawn
    assert {*stays.terms.all()} == {shelf.moving, shelf.lonely}
    assert stays.listing.mentions.filter(stem=words.stem("lonely")).exists()
    problem.refresh_from_db()
    assert problem.service == stays


def test_merging_again_leaves_no_chain(shelf: Shelf) -> None:
    catalogue.merge(service=shelf.counselling, into=shelf.swimming, on=DAY)
    catalogue.merge(service=shelf.swimming, into=shelf.kai, on=DAY)
    assert Service.objects.get(pk=shelf.counselling.pk).merged_into == shelf.kai


def test_an_entry_is_not_merged_into_itself_or_into_one_that_is_gone(shelf: Shelf) -> None:
    with pytest.raises(catalogue.NotMergeable):
        catalogue.merge(service=shelf.kai, into=shelf.kai, on=DAY)
    catalogue.withdraw(service=shelf.swimming, on=DAY)
    with pytest.raises(catalogue.IsWithdrawn):
        catalogue.merge(service=shelf.kai, into=shelf.swimming, on=DAY)
    assert Service.objects.get(pk=shelf.kai.pk).merged_into is None


def test_a_term_that_is_there_is_not_added_twice(shelf: Shelf) -> None:
    again = catalogue.add_term(taxonomy="need", name="Exercise", plain_name="Other words")
    assert again == shelf.moving
    assert again.plain_name == "Moving more"
    assert again.shown == "Moving more"
