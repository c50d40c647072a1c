"""Every address of Wagtail's, with real keys: for others and for strangers.

Whoever is neither editor nor administrator gets the same answer whether the key in the address is
somebody's or nobody's, and never a page. An editor gets the same answer for another organisation's
entry as for one that there never was. The keys are of real rows: a service with a draft, a task
waiting, an image, a document, a page, a collection, a worker's role.
"""

import re
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import URLPattern, get_resolver, reverse
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, Page, Revision, Site, Task, TaskState, Workflow

from cms import catalogue, problems, proposals, sheets
from cms.models import Organisation, Place, Problem, Service, Sheet, Term
from marketplace.people.models import Membership, User
from tests.cast import Cast
from tests.marketplace.pages.test_catalogue_gate import MODELS, keyed
from tests.marketplace.pages.test_denied import told
from tests.marketplace.pages.test_matrix import FOR_ALL, addresses, browser, visitors

pytestmark = pytest.mark.once

NOBODYS = 987_654_321
NOBODYS_REFERENCE = uuid.UUID(int=NOBODYS)
TOKEN = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^)]*\))*\)|<(?:\w+:)?(\w+)>|\((?!\?)[^)]*\)")
# What a part of an address holds where it is no key.
WORDS = {
    "app_label": "cms",
    "app_name": "cms",
    "content_type_app_name": "cms",
    "model_name": "service",
    "content_type_model_name": "guidepage",
    "action": "publish",
    "action_name": "approve",
    "filter_spec": "width-100",
    "revision_id_a": "earliest",
    "revision_id_b": "latest",
    "session_id": "1",
}


@dataclass
class Keys:
    """The key of one row of each kind, all of the NHS's where a kind belongs to somebody."""

    by_word: dict[str, int]
    # Of a file of services, the one thing there that is named by a reference.
    sheet: uuid.UUID

    def fill(self, path: str, *, unknown: bool = False) -> str:
        """Return an address with these keys in it, or with nobody's."""

        def key(match: re.Match[str]) -> str:
            name = match[1] or match[2] or "pk"
            if name in WORDS:
                return WORDS[name]
            if name == "reference":
                return str(NOBODYS_REFERENCE if unknown else self.sheet)
            return str(NOBODYS if unknown else self.key_of(name, path))

        filled = TOKEN.sub(key, path)
        return "/" + filled.replace("^", "").replace("$", "").replace("\\", "")

    def key_of(self, name: str, path: str) -> int:
        """Return the key that a part of an address stands for."""
        named = name.removesuffix("_id").removesuffix("_pk")
        if named in self.by_word:
            return self.by_word[named]
        parts = [part.rstrip("s") for part in path.split("/")]
        return next(
            (self.by_word[part] for part in parts if part in self.by_word),
            self.by_word["service"],
        )


@pytest.fixture
def keys(cast_today: Cast, settings: Any, tmp_path: Any) -> Keys:
    """Something of every kind, so that each address leads somewhere."""
    settings.MEDIA_ROOT = str(tmp_path)
    cast = cast_today
    service = cast.confidential
    revision = proposals.propose(
        service=service, changes={"name": "Renamed in secret"}, by_user=cast.ruth
    )
    place = catalogue.add_place(organisation=cast.nhs, name="A quiet house")
    problem = problems.report(
        source="feed", source_id="1", code="x", sentence="Wrong.", at=cast.at, service=service
    )
    image = get_image_model().objects.create(title="A picture", file=get_test_image_file())
    document = get_document_model().objects.create(
        title="A form", file=ContentFile(b"%PDF-1.4", "form.pdf")
    )
    state = TaskState.objects.order_by("pk").first()
    rows: dict[str, Any] = {
        "service": service,
        "organisation": cast.nhs,
        "place": place,
        "term": cast.need,
        "problem": problem,
        "image": image,
        "document": document,
        "doc": document,
        "page": Page.objects.order_by("-depth")[0],
        "parent_page": Page.objects.get(depth=1),
        "collection": Collection.objects.get(depth=1),
        "site": Site.objects.get(),
        "revision": revision,
        "user": cast.stacey_user,
        "membership": Membership.objects.get(user=cast.dev),
        "workflow": Workflow.objects.first(),
        "task": Task.objects.first(),
        "task_state": state,
        "workflow_state": state.workflow_state if state else None,
    }
    sheet = sheets.bring(
        organisation=cast.nhs,
        name="A quiet list.csv",
        content=b"Name\nA quiet service\n",
        heads=["Name"],
        guesses={"0": "name"},
        by=str(cast.ruth.reference),
        at=cast.at,
    )
    by_word = {name: row.pk for name, row in rows.items() if row is not None}
    return Keys(by_word, sheet.reference)


def rooms(*prefixes: str) -> list[tuple[str, URLPattern]]:
    """Return the addresses under these, without what is for everybody."""
    return [
        (path, pattern)
        for path, pattern in addresses()
        if path.startswith(prefixes) and path not in FOR_ALL
    ]


def opened(cast: Cast, keys: Keys, visitor: str) -> list[str]:
    """Return where somebody without a right gets a page, or learns whether a key is somebody's."""
    client, wrong = visitors(cast)[visitor], []
    for path, _pattern in rooms("cms/"):
        address = keys.fill(path)
        found = told(client, method="GET", path=address)
        if found[0] == 200:
            wrong.append(f"{address}: a page")
        elif address != (other := keys.fill(path, unknown=True)):
            absent = told(client, method="GET", path=other)
            if (found[0], found[2]) != (absent[0], absent[2]):
                wrong.append(f"{address}: {found[0]}, but {absent[0]} where there is nothing")
    return wrong


def test_the_addresses_are_filled_with_the_keys_of_what_there_is(keys: Keys) -> None:
    """Every address can be asked for, and leads to its own view and no other."""
    walked = rooms("cms/")
    assert len(walked) > 200
    assert sum(keys.fill(path) != keys.fill(path, unknown=True) for path, _one in walked) > 120
    for path, pattern in walked:
        match = get_resolver().resolve(keys.fill(path))
        assert match.url_name == pattern.name, path


@pytest.mark.parametrize("visitor", ["ingrid"])
def test_who_is_no_editor_finds_neither_pages_nor_keys(
    visitor: str, cast_today: Cast, keys: Keys
) -> None:
    assert opened(cast_today, keys, visitor) == []


@pytest.mark.soak
@pytest.mark.parametrize(
    "visitor",
    ["nobody", "fred", "stacey", "olive", "amira", "nadia", "dev", "lena", "colin", "femi", "sam"],
)
def test_nobody_else_does_either(visitor: str, cast_today: Cast, keys: Keys) -> None:
    assert opened(cast_today, keys, visitor) == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("model", MODELS)
def test_for_an_editor_anothers_entry_is_as_absent_as_none(
    model: type[Any], method: str, cast_today: Cast, keys: Keys
) -> None:
    client = browser(cast_today.edie)
    wrong = []
    for path, pattern in rooms("cms/snippets/"):
        if (
            f"/{model._meta.model_name}/" not in path
            or "pk" not in pattern.pattern.regex.groupindex
        ):
            continue
        found = told(client, method=method, path=keys.fill(path))
        absent = told(client, method=method, path=keys.fill(path, unknown=True))
        if found != absent or found[0] != 404:
            wrong.append(f"{path}: {found[0]}, {absent[0]}")
    assert wrong == []
    assert len(keyed(model)) > 5


@pytest.mark.parametrize("model", MODELS)
def test_for_an_editor_many_at_once_are_as_absent_as_one(
    model: type[Any], cast_today: Cast, keys: Keys
) -> None:
    client, name = browser(cast_today.edie), model._meta.model_name
    theirs = keys.by_word[name]
    several = reverse(f"wagtailsnippetchoosers_cms_{name}:chosen_multiple")
    for address in (reverse("wagtail_bulk_action", args=["cms", name, "publish"]), several):
        found = told(client, method="GET", path=f"{address}?id={theirs}")
        assert found == told(client, method="GET", path=f"{address}?id={NOBODYS}")
        assert found[0] == 404


def test_pictures_and_papers_are_for_those_who_keep_the_guides(
    cast_today: Cast, keys: Keys
) -> None:
    """Images and documents are about nobody, and strangers still reach no form of them."""
    for visitor in ("nobody", "fred", "amira"):
        client = visitors(cast_today)[visitor]
        for name, key in (("images", "image"), ("documents", "document")):
            for path, _pattern in rooms(f"cms/{name}/"):
                found = told(client, method="POST", path=keys.fill(path))
                assert found[0] in (302, 403, 404, 405), (path, visitor, found[0])
            assert key in keys.by_word


def test_the_twin_an_editor_sees_her_own(cast_today: Cast, keys: Keys) -> None:
    """With her own key the same address gives a page: the comparison above compares something."""
    own = reverse("wagtailsnippets_cms_service:edit", args=[cast_today.mentor.pk])
    assert told(browser(cast_today.edie), method="GET", path=own)[0] == 200
    for model in (Organisation, Place, Problem, Service, Term):
        assert model._meta.model_name in keys.by_word
    assert User.objects.filter(pk=keys.by_word["user"]).exists()
    assert Revision.objects.filter(pk=keys.by_word["revision"]).exists()


SECRETS = (
    "A quiet list",
    "A quiet service",
    "Renamed in secret",
    "A quiet house",
    "Something secret is wrong.",
)


# Wagtail leaves a picture that it has made smaller for the garbage collector to close.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_editor_learns_and_changes_nothing_of_anothers_at_any_address(
    cast_today: Cast, keys: Keys
) -> None:
    """Every address under `/cms/`, read and written to: bulk actions, reports, libraries, all."""
    Problem.objects.update(sentence="Something secret is wrong.")
    client, wrong = browser(cast_today.edie), []
    client.raise_request_exception = False  # Wagtail's link chooser breaks on an empty form
    before = theirs(cast_today)
    for path, _pattern in rooms("cms/"):
        address = keys.fill(path) + f"?id={keys.by_word['service']}"
        for method in ("GET", "POST"):
            with transaction.atomic():
                answer = client.generic(method, address)
                content = b"".join(answer) if answer.streaming else answer.content
                if theirs(cast_today) != before:
                    wrong.append(f"{method} {address}: something changed")
                transaction.set_rollback(True)
            said = content.decode(errors="replace")
            if any(secret in said for secret in SECRETS):
                wrong.append(f"{method} {address}: {answer.status_code}")
    assert wrong == []


def theirs(cast: Cast) -> list[Any]:
    """Return all that the NHS has in the catalogue, as it stands, with drafts and who may edit."""
    nhs = cast.nhs
    return [
        *Service.objects.filter(owner=nhs).order_by("pk").values_list(),
        *Place.objects.filter(organisation=nhs).order_by("pk").values_list(),
        *Organisation.objects.filter(pk=nhs.pk).values_list(),
        *Sheet.objects.filter(organisation=nhs)
        .order_by("pk")
        .values_list("mapping", "imported_at"),
        *Problem.objects.filter(organisation=nhs).order_by("pk").values_list(),
        *Revision.objects.order_by("pk").values_list("pk", "user", "content"),
        *TaskState.objects.order_by("pk").values_list("pk", "status", "comment"),
        *Membership.objects.order_by("pk").values_list(),
    ]
