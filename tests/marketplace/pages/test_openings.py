"""Every page of the matrix: asks before its form, and writes down whom it opened and why.

One walk through `matrix.csv` with everybody whom it lets in. A page that shows a form asks first
whether somebody is in danger, or stands below with why it need not. A page about one person's
record leaves a look that says by which reason, or by which power, it was opened.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from marketplace.notices import topics
from marketplace.pages import listeners
from marketplace.pages.templatetags import safety
from marketplace.people.models import User
from marketplace.sharing import looks
from marketplace.sharing.models import Look
from tests import factories
from tests.cast import Cast
from tests.laws import tree
from tests.marketplace.pages import test_matrix
from tests.marketplace.pages.test_matrix import scene  # noqa: F401

pytestmark = [pytest.mark.once, pytest.mark.django_db]

FAMILIES = ("fred", "stacey", "olive")
POSTED = re.compile(r"<form\b[^>]*\bmethod=\"post\"[^>]*>", re.IGNORECASE)
ACTION = re.compile(r"action=\"([^\"?]*)")
QUESTION = re.compile(r"class=\"interrupt(-question)?\"")
MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)

# A form that need not ask, and why.
NEED_NOT_ASK = {
    "home": "its buttons sign the demonstration's cast in",
}
# What an address of the matrix is about that is no record of a person's.
NO_RECORD = {
    "unknown": "it is not there",
    "fund": "money of an organisation",
    "service": "the catalogue",
    "other_place": "an organisation",
    "worker": "a colleague's roles",
    "place": "an organisation",
    "enquiry": "nobody on record yet: each look is a line of its history (enquiries.note_look)",
    "planned_price": "what a service costs",
    "asked_price": "what a service costs",
    "kept_picture": "a worker's own picture, which nobody else is shown",
    "mentor_person": "a worker's own words about herself",
    "sent_in": "her own enquiry, about nobody on record yet",
}
# Pages about one thing that show no record of the person's.
OPENS_NOTHING = {
    "admin_approval": "the administrator sees that an answer is late, and not for whom",
    "commissioner_emergency": "the reviewer sees what her colleague did, and not whose record",
    "commissioner_held_back": "the reviewer sees why something is held back, and from nobody named",
    "commissioner_agreements_judge": "a decision under a rule, about nobody named",
    "provider_agreements_judge": "a decision under a rule, about nobody named",
    "beside_find": "a search of the catalogue, beside a name that she has on her list",
    "told": "each line is a look of its own (facts.read), and here there are none",
}
# Parts that pages are made of, and signing in, which is about nobody but who signs in.
NOT_OURS = ("templates/components/", "templates/allauth/", "templates/account/", "templates/mfa/")
FEWEST_FORMS = 30


@dataclass(frozen=True)
class Page:
    """What one visitor got at one address, and the looks that this left."""

    name: str
    about: str
    visitor: str
    user: User
    html: str
    looks: tuple[Look, ...]

    @property
    def forms(self) -> list[str]:
        """Return what the page's own forms are sent to."""
        return [tag[0] for tag in POSTED.finditer(self.html)]

    @property
    def is_asked_first(self) -> bool:
        """Tell whether the question stands before the first form."""
        asked, form = QUESTION.search(self.html), POSTED.search(self.html)
        return bool(asked and form and asked.start() < form.start())


def walk(cast: Cast, scene: dict[str, Any], *, only: str = "") -> Iterator[Page]:  # noqa: F811
    """Visit every address of the table that asks who one is, with the first whom it lets in."""
    for row in test_matrix.table():
        is_ours = row["method"] == "GET" and row["nobody"] != "200"
        who = [name for name in test_matrix.VISITORS[1:] if row[name] == "200"]
        if is_ours and who and re.search(only, row["name"]):
            path = test_matrix.path_of(row, scene)
            yield visit(cast, row["name"], row["about"], who[0], path)
    if not only:
        yield from sittings(cast)


def sittings(cast: Cast) -> Iterator[Page]:
    """Visit what comes after the interrupt that is a page of its own."""
    about = {"person": str(cast.jamie.reference)}
    ask = reverse("advocate_ask", args=[cast.family.reference, cast.mentor.slug])
    yield visit(cast, "advocate_ask", "", "amira", f"{ask}?person={about['person']}")


def visit(cast: Cast, name: str, about: str, visitor: str, path: str) -> Page:
    """Visit one address; nothing that it did is kept."""
    user = cast.users.get(visitor) or cast.users[f"{visitor}_user"]
    client = Client()
    client.force_login(user)
    with transaction.atomic():
        before = set(Look.objects.values_list("pk", flat=True))
        answer = client.get(path)
        written = tuple(Look.objects.exclude(pk__in=before))
        transaction.set_rollback(True)
    content = "" if answer.streaming else answer.content.decode(errors="replace")
    found = MAIN.search(content)
    return Page(name, about, visitor, user, found[0] if found else "", written)


def unasked(pages: list[Page]) -> set[str]:
    """Return the pages with a form before which nobody was asked."""
    return {
        page.name
        for page in pages
        if page.forms and page.name not in NEED_NOT_ASK and not page.is_asked_first
    }


def unwritten(pages: list[Page], scene: dict[str, Any]) -> set[str]:  # noqa: F811
    """Return the openings of a person's record by staff that left no look with its reason."""
    return {
        f"{page.name} {page.about} {page.visitor}"
        for page in pages
        if is_opening(page, scene) and not any(says_why(look, page.user) for look in page.looks)
    }


def is_opening(page: Page, scene: dict[str, Any]) -> bool:  # noqa: F811
    """Tell whether a member of staff opened what is about a person."""
    said = dict(pair.split("=") for pair in page.about.split())
    what = said.get("reference")
    return (
        what in scene
        and what not in NO_RECORD
        and page.name not in OPENS_NOTHING
        and page.visitor not in FAMILIES
    )


def says_why(look: Look, user: User) -> bool:
    """Tell whether a look names a reason, or the power of an appointment, or the lead."""
    return look.user_id == user.pk and bool(look.reason or look.power or look.ground == "lead")


def test_every_form_asks_first_and_every_opening_is_written_down_with_its_reason(
    cast_today: Cast,
    scene: dict[str, Any],  # noqa: F811
) -> None:
    pages = list(walk(cast_today, scene))
    assert unasked(pages) == set()
    assert unwritten(pages, scene) == set()
    shown = {
        match.url_name
        for page in pages
        for form in page.forms
        for action in ACTION.findall(form)
        if (match := found(action)) is not None
    } | {page.name for page in pages if page.forms}
    posted = {row["name"] for row in test_matrix.table() if row["method"] == "POST"}
    # What the scene has no cause to show stands in a template, and so inside the frame (below).
    said = " ".join(source.text for source in [*tree.sources(".html"), *pages_of_ours()])
    assert {name for name in posted - shown if not is_named(name, said)} == set()
    assert len(shown) > FEWEST_FORMS, "the walk sees hardly any form: is it still a walk?"


def found(path: str) -> Any:
    """Return what an address leads to, or None."""
    try:
        return resolve(path)
    except Resolver404:
        return None


def pages_of_ours() -> Iterator[tree.Source]:
    """Yield the modules that show pages, without the tables of addresses."""
    for source in tree.sources(".py", under="marketplace/pages/"):
        if not source.path.endswith("urls.py"):
            yield source


def is_named(name: str, said: str) -> bool:
    """Tell whether some page or template sends a form to an address."""
    rest = name.partition("_")[2]
    tokens = (f"'{name}'", f'"{name}"', "{door}_" + rest, f'"{rest}"')
    return any(token in said for token in tokens)


def test_without_the_tag_forms_would_not_ask(
    cast_today: Cast,
    scene: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(safety, "question", lambda context: "")
    assert "advocate_concern_new" in unasked(
        list(walk(cast_today, scene, only="advocate_concern_new$"))
    )


def test_without_the_look_openings_would_be_missed(
    cast_today: Cast,
    scene: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looks, "record", lambda **opened: None)
    assert unwritten(list(walk(cast_today, scene, only="advocate_family$")), scene) != set()


def outside_the_frame(source: tree.Source, rendered: str) -> bool:
    """Tell whether a form of a template would stand where nobody asks before it."""
    first = POSTED.search(source.text)
    if first is None or source.path.startswith(NOT_OURS):
        return False
    if "{% extends" not in source.text:  # a part of another, unless a page shows it by itself
        return source.path.removeprefix("templates/") in rendered
    return not 0 <= source.text.find("{% block content %}") < first.start()


def test_every_template_with_a_form_asks_through_the_one_frame() -> None:
    rendered = " ".join(source.text for source in tree.python())
    forms = list(tree.sources(".html", under="templates/"))
    assert [each.path for each in forms if outside_the_frame(each, rendered)] == []


def test_a_form_outside_the_frame_would_be_seen() -> None:
    form = '<form method="post">'
    before = tree.Source("templates/a.html", '{% extends "base.html" %}{% block hero %}' + form)
    alone = tree.Source("templates/b.html", form)
    assert outside_the_frame(before, "")
    assert outside_the_frame(alone, 'render(request, "b.html")')
    assert not outside_the_frame(alone, "")


def listen(cast: Cast, user: User, *names: str, minutes: float = 0) -> None:
    """Let a page listen, as a socket does once it was allowed to."""
    entry = listeners.Pass(session_key="", user_id=user.pk, auth_hash="")
    listeners.look(entry=entry, topics=names, at=cast.later(minutes=minutes))


def test_listening_is_an_opening_and_the_page_it_belongs_to_is_not_written_twice(
    cast: Cast,
) -> None:
    referral = factories.referral(cast, cast.jamie)
    topic = topics.referral(referral.reference)
    listen(cast, cast.amira, topic, topics.inbox(cast.beacon.reference))
    listen(cast, cast.amira, topic, minutes=4)
    look = Look.objects.get()
    assert (look.person, look.subject, look.power) == (cast.jamie, referral.reference, "represent")
    listen(cast, cast.amira, topic, topics.plan(cast.family.reference), minutes=20)
    assert Look.objects.filter(subject=referral.reference).count() == 2
    assert Look.objects.filter(subject_kind="family").exists()


def test_at_home_and_where_nothing_is_seen_listening_leaves_no_look(cast: Cast) -> None:
    listen(cast, cast.fred_user, topics.plan(cast.family.reference))
    listen(cast, cast.nadia, topics.plan(cast.family.reference))
    assert not Look.objects.exists()
