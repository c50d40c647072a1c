"""Who reaches which entry in `/cms/`: another organisation's is not there, at any address."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from cms import catalogue, problems, proposals
from cms.models import Organisation, Place, Problem, Service
from marketplace.pages import catalogue_gate
from marketplace.people import memberships
from marketplace.people.models import User
from marketplace.people.roles import Role
from tests.cast import Cast
from tests.factories import CLOCK

pytestmark = pytest.mark.once

MODELS: list[type[Any]] = [Service, Organisation, Place, Problem]
LISTS = ["service", "organisation", "place", "problem"]


@dataclass
class Theirs:
    """The NHS's entries, which Edie, the county's editor, has nothing to do with."""

    service: Service
    organisation: Organisation
    place: Place
    problem: Problem
    revision: int

    def of(self, model: type[Any]) -> Any:
        """Return the entry of a kind."""
        return getattr(self, model._meta.model_name)


@pytest.fixture
def theirs(cast_today: Cast) -> Theirs:
    """Give the NHS an entry of each kind, with a draft."""
    cast = cast_today
    place = catalogue.add_place(organisation=cast.nhs, name="A quiet house")
    revision = proposals.propose(
        service=cast.confidential, changes={"name": "Renamed in secret"}, by_user=cast.ruth
    )
    problem = problems.report(
        source="feed",
        source_id="1",
        code="x",
        sentence="Something secret is wrong.",
        at=cast.at,
        service=cast.confidential,
    )
    return Theirs(cast.confidential, cast.nhs, place, problem, revision.pk)


@pytest.fixture
def edie(client: Client, cast_today: Cast) -> Client:
    """The county's editor, signed in."""
    client.force_login(cast_today.edie)
    return client


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Return every named address under a resolver, with its namespaces."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from addresses(pattern, inner)
        elif pattern.name:
            yield f"{prefix}{pattern.name}", pattern


def keyed(model: type[Any]) -> list[str]:
    """Return the names of all addresses in `/cms/` that hold a key of this kind of entry."""
    namespaces = tuple(
        f"{before}cms_{model._meta.model_name}:"
        for before in ("wagtailsnippets_", "wagtailsnippetchoosers_")
    )
    return [
        name
        for name, pattern in addresses(get_resolver())
        if name.startswith(namespaces) and "pk" in pattern.pattern.regex.groupindex
    ]


def kwargs_of(name: str, entry: Any, theirs: Theirs) -> dict[str, Any]:
    """Return what an address needs, all of it about somebody else's entry."""
    pattern = dict(addresses(get_resolver()))[name]
    values: dict[str, Any] = {
        "pk": entry.pk,
        "revision_id": theirs.revision,
        "revision_id_a": "earliest",
        "revision_id_b": "latest",
        "action_name": "approve",
        "task_state_id": 1,
        "task_id": 1,
        "workflow_state_id": 1,
    }
    return {key: values[key] for key in pattern.pattern.regex.groupindex}


def statuses(client: Client, model: type[Any], theirs: Theirs) -> dict[str, set[int]]:
    """Return how each keyed address answers to reading and to writing."""
    found = {}
    for name in keyed(model):
        url = reverse(name, kwargs=kwargs_of(name, theirs.of(model), theirs))
        found[name] = {client.get(url).status_code, client.post(url, {"name": "Mine"}).status_code}
    return found


def test_there_are_as_many_keyed_addresses_as_wagtail_makes(db: None) -> None:
    assert len(keyed(Service)) >= 20
    assert all(len(keyed(model)) >= 5 for model in MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_another_organisations_entry_is_at_no_address(
    edie: Client, theirs: Theirs, model: type[Any]
) -> None:
    before = model.objects.order_by("pk").values()[:]
    kept = [*before]
    assert set().union(*statuses(edie, model, theirs).values()) == {404}
    assert [*model.objects.order_by("pk").values()] == kept


def test_without_the_gate_she_would_read_and_rename_it(
    edie: Client, theirs: Theirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: Wagtail alone lets one editor into another's entry."""
    monkeypatch.setattr(catalogue_gate, "must_be_within_reach", lambda request, match: None)
    found = statuses(edie, Service, theirs)
    assert 200 in found["wagtailsnippets_cms_service:edit"]
    assert 200 in found["wagtailsnippets_cms_service:history"]
    page = edie.get(reverse("wagtailsnippets_cms_service:edit", args=[theirs.service.pk]))
    assert b"Renamed in secret" in page.content


@pytest.mark.parametrize("model", MODELS)
def test_a_bulk_action_reaches_nothing_of_theirs(
    edie: Client, theirs: Theirs, model: type[Any]
) -> None:
    entry = theirs.of(model)
    for action in ("delete", "settle"):
        url = reverse("wagtail_bulk_action", args=["cms", model._meta.model_name, action])
        for ids in (f"{entry.pk}", "all", f"1&id={entry.pk}", f"0{entry.pk}", "x"):
            assert edie.get(f"{url}?id={ids}").status_code == 404
            assert edie.post(f"{url}?id={ids}").status_code == 404
    assert model.objects.filter(pk=entry.pk).exists()


@pytest.mark.parametrize("name", ["delete", "bulk"])
def test_nothing_is_deleted_even_by_an_administrator(
    client: Client, cast_today: Cast, name: str
) -> None:
    cast = cast_today
    root = User.objects.create(email="root@alongside.example", is_superuser=True)
    client.force_login(root)
    single = reverse("wagtailsnippets_cms_service:delete", args=[cast.mentor.pk])
    bulk = reverse("wagtail_bulk_action", args=["cms", "service", "delete"])
    url = single if name == "delete" else f"{bulk}?id={cast.mentor.pk}"
    assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404
    assert Service.objects.filter(pk=cast.mentor.pk).exists()


@pytest.mark.parametrize(
    "address", ["/cms/users/", "/cms/users/edit/{}/", "/cms/bulk/people/user/delete/?id={}"]
)
def test_families_sign_ins_are_at_no_address_even_for_an_administrator(
    client: Client, cast_today: Cast, address: str
) -> None:
    client.force_login(User.objects.create(email="root@alongside.example", is_superuser=True))
    assert client.get(address.format(cast_today.stacey_user.pk)).status_code == 404
    assert "/cms/users/" not in client.get("/cms/").content.decode()


@pytest.mark.parametrize("kind", LISTS)
def test_lists_and_searches_hold_only_her_own(edie: Client, theirs: Theirs, kind: str) -> None:
    names = ("Renamed in secret", "A quiet house", "Something secret", theirs.service.name)
    for route in ("list", "list_results"):
        url = reverse(f"wagtailsnippets_cms_{kind}:{route}")
        for query in ("", "?q=secret", "?q=quiet", "?export=csv"):
            answer = edie.get(url + query)
            content = b"".join(answer) if answer.streaming else answer.content
            assert answer.status_code == 200
            assert not any(name.encode() in content for name in names)


@pytest.mark.parametrize("kind", ["service", "place", "problem", "organisation"])
def test_choosers_hold_only_what_she_may_name(edie: Client, theirs: Theirs, kind: str) -> None:
    for route in ("choose", "choose_results"):
        answer = edie.get(reverse(f"wagtailsnippetchoosers_cms_{kind}:{route}"))
        assert answer.status_code == 200
        for name in (theirs.service.name, "A quiet house", theirs.organisation.name):
            assert name.encode() not in answer.content
    entry = getattr(theirs, kind)
    several = reverse(f"wagtailsnippetchoosers_cms_{kind}:chosen_multiple")
    assert edie.get(f"{several}?id={entry.pk}").status_code == 404


def test_she_may_name_who_provides_for_her(edie: Client, cast_today: Cast) -> None:
    answer = edie.get(reverse("wagtailsnippetchoosers_cms_organisation:choose"))
    assert cast_today.mentors.name.encode() in answer.content
    chosen = reverse("wagtailsnippetchoosers_cms_organisation:chosen", args=[cast_today.mentors.pk])
    assert edie.get(chosen).status_code == 200
    # … but not change it
    change = reverse("wagtailsnippets_cms_organisation:edit", args=[cast_today.mentors.pk])
    assert edie.get(change).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/cms/reports/workflow/",
        "/cms/reports/workflow_tasks/",
        "/cms/reports/site-history/",
        "/cms/workflows/list/",
    ],
)
def test_reports_that_name_everybodys_entries_are_for_administrators(
    edie: Client, theirs: Theirs, address: str
) -> None:
    assert edie.get(address).status_code == 404


def test_somebody_elses_entry_cannot_be_watched_being_edited(edie: Client, theirs: Theirs) -> None:
    url = reverse(
        "wagtailadmin_editing_sessions:ping", args=["cms", "service", str(theirs.service.pk), 1]
    )
    assert edie.post(url).status_code == 404


def test_the_first_page_holds_only_her_own_work(
    edie: Client, theirs: Theirs, cast_today: Cast
) -> None:
    proposals.propose(
        service=cast_today.mentor, changes={"summary": "Newly told."}, by_user=cast_today.dev
    )
    page = edie.get("/cms/").content.decode()
    assert f"Look at the changes proposed to {cast_today.mentor.name}" in page
    assert theirs.service.name not in page
    assert "Renamed in secret" not in page
    assert "0 problems in the review list" in page


def test_her_own_entries_open(edie: Client, cast_today: Cast) -> None:
    for route in ("edit", "history", "usage", "check", "withdraw", "workflow_history"):
        url = reverse(f"wagtailsnippets_cms_service:{route}", args=[cast_today.mentor.pk])
        assert edie.get(url).status_code == 200, route


def test_she_reaches_the_entries_that_her_organisation_keeps(
    edie: Client, theirs: Theirs, cast_today: Cast
) -> None:
    Organisation.objects.filter(pk=cast_today.nhs.pk).update(kept_by=cast_today.county)
    for model in MODELS:
        url = reverse(
            f"wagtailsnippets_cms_{model._meta.model_name}:edit", args=[theirs.of(model).pk]
        )
        assert edie.get(url).status_code == 200


def test_she_is_an_editor_only_between_her_dates(
    client: Client, theirs: Theirs, cast_today: Cast
) -> None:
    cast, today = cast_today, timezone.localdate()
    own = reverse("wagtailsnippets_cms_service:edit", args=[theirs.service.pk])
    membership = memberships.join(
        user=cast.ruth,
        organisation=cast.nhs,
        role=Role.EDITOR,
        on=today + timedelta(days=1),
        by=CLOCK,
        at=cast.at,
    )
    client.force_login(cast.ruth)
    assert client.get(own).status_code == 404
    membership.starts_on = today
    membership.save()
    assert client.get(own).status_code == 200
    memberships.leave(membership=membership, on=today, by=CLOCK, at=cast.at)
    assert client.get(own).status_code == 404


def test_nobody_who_is_no_editor_gets_in(client: Client, cast_today: Cast) -> None:
    cast = cast_today
    edit = reverse("wagtailsnippets_cms_service:edit", args=[cast.mentor.pk])
    listed = reverse("wagtailsnippets_cms_service:list")
    for address in ("/cms/", listed, edit):
        assert client.get(address).status_code == 302
    for name, user in cast.users.items():
        if name in ("edie", "adam"):
            continue
        client.force_login(user)
        for address in ("/cms/", listed, edit):
            assert client.get(address).status_code in (302, 403, 404), (name, address)


def test_terms_are_everybodys_to_read_and_administrators_to_change(
    edie: Client, cast_today: Cast
) -> None:
    listed = edie.get(reverse("wagtailsnippets_cms_term:list"))
    assert cast_today.need.name.encode() in listed.content
    edit = reverse("wagtailsnippets_cms_term:edit", args=[cast_today.need.pk])
    assert edie.get(edit).status_code == 404
    edie.force_login(User.objects.create(email="root@alongside.example", is_superuser=True))
    assert edie.get(edit).status_code == 200
