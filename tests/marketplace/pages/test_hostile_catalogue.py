"""Hostile words in every field of the catalogue: only words, on every page that shows them."""

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

from cms import catalogue, guides, problems, proposals
from cms.blocks import Harmless
from cms.models import (
    Band,
    Criterion,
    GuidePage,
    Organisation,
    Place,
    Question,
    Schedule,
    Service,
    Term,
)
from tests.cast import Cast
from tests.marketplace.pages.test_matrix import browser

pytestmark = pytest.mark.once

HOSTILE = '"><script>evil()</script><img src=x onerror=evil()>'
CORPUS = (
    HOSTILE,
    "<script>evil()</script>",
    "<p onclick=evil()>a</p>",
    '<a href="javascript:evil()">a</a>',
    '<a href="jav\tascript:evil()">a</a>',
    '<a href=" &#106;avascript:evil()">a</a>',
    '<a href="data:text/html,<script>evil()</script>">a</a>',
    "<svg onload=evil()><script>evil()</script></svg>",
    "<math><mi xlink:href=javascript:evil()></mi></math>",
    "<iframe srcdoc='<script>evil()</script>'></iframe>",
    "<style>@import 'javascript:evil()'</style><b style=background:url(javascript:evil())>a</b>",
    "<a linktype='page' id='1' onclick='evil()'>a</a>",
    "<embed embedtype='media' url='javascript:evil()'/>",
    "<noscript><p title='</noscript><img src=x onerror=evil()>'>",
    "<<script>script>evil()<</script>/script>",
    "<!--><img src=x onerror=evil()>-->",
)
# No text that somebody writes: what is chosen, computed or an address of ours.
NO_TEXT = frozenset({"slug", "key", "fact", "source", "source_id", "import_digest", "postcode"})


def texts(model: type[models.Model]) -> dict[str, str]:
    """Return hostile words for each field of a kind of row that holds free text."""
    return {
        field.name: "javascript:evil()"
        if isinstance(field, models.URLField)
        else (HOSTILE * 2)[: field.max_length or 500]
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.name not in NO_TEXT
        and not isinstance(field, models.SlugField)
    }


def is_harmless(page: str) -> bool:
    """Say whether nothing of the hostile words became more than words."""
    for tag in BeautifulSoup(page, "html.parser").find_all(True):
        is_run = tag.name == "script" and tag.get("type") != "application/json"
        if is_run and "evil()" in (tag.string or ""):
            return False
        for name, value in tag.attrs.items():
            said = " ".join(value) if isinstance(value, list) else str(value)
            if name.startswith("on") and "evil" in said:
                return False
            if name in ("href", "src", "action", "srcdoc") and (
                "javascript:" in "".join(said.lower().split()) or said.startswith("data:text")
            ):
                return False
    return True


@pytest.mark.parametrize("hostile", CORPUS)
def test_a_paragraph_is_harmless_however_it_came_in(hostile: str) -> None:
    cleaned = Harmless().clean(f"<p>before</p>{hostile}")
    assert is_harmless(cleaned)
    assert "before" in cleaned


def test_the_check_notices_what_is_hostile() -> None:
    """The twin: as they stand, most of these would do harm."""
    assert sum(not is_harmless(hostile) for hostile in CORPUS) >= 9


def body() -> list[dict[str, Any]]:
    """Return a hostile block of each kind."""
    rich = "".join(CORPUS)
    return [
        {"type": "heading", "value": HOSTILE},
        {"type": "paragraph", "value": rich},
        {"type": "inset", "value": HOSTILE},
        {"type": "warning", "value": HOSTILE},
        {"type": "details", "value": {"question": HOSTILE, "answer": rich}},
        {
            "type": "steps",
            "value": {"title": HOSTILE, "steps": [{"text": HOSTILE, "more": HOSTILE}]},
        },
        {"type": "facts", "value": [{"key": HOSTILE, "value": HOSTILE}]},
        {
            "type": "table",
            "value": {
                "caption": HOSTILE,
                "columns": [
                    {"type": "text", "heading": HOSTILE},
                    {"type": "number", "heading": HOSTILE},
                ],
                "rows": [{"values": [HOSTILE, HOSTILE]}],
            },
        },
        {
            "type": "contact",
            "value": {"name": HOSTILE, "note": HOSTILE, "phone": HOSTILE, "email": HOSTILE},
        },
        {"type": "card", "value": {"heading": HOSTILE, "text": HOSTILE, "address": HOSTILE}},
        {"type": "button", "value": {"label": HOSTILE, "address": "/services/"}},
    ]


@pytest.fixture
def hostile(cast_today: Cast) -> tuple[Service, GuidePage]:
    """Write hostile words into every field of the catalogue, past every form."""
    cast, service = cast_today, cast_today.mentor
    place = catalogue.add_place(organisation=cast.mentors, name="x", latitude=52.5, longitude=-1.4)
    service.places.add(place)
    service.save()
    Schedule.objects.create(service=service, weekday=1, place=place)
    Criterion.objects.create(service=service, fact="age", operator="at_least", value=0)
    Band.objects.create(service=service, fact="age", operator="at_least", value=0, units=2)
    Question.objects.create(
        service=service, key="hostile", kind="choice", choices=[HOSTILE, HOSTILE]
    )
    index = guides.put_up_index(site_name="Alongside", title="Guides", slug="guides")
    stream = json.dumps(body())
    guide = guides.add_guide(index=index, title=HOSTILE, slug="g", summary=HOSTILE, body=stream)
    word = {"slug": "a", "word": "mentor", "meaning": HOSTILE, "said_as": HOSTILE}
    guides.add_glossary(index=index, entries=[word], title=HOSTILE, slug="glossary")
    problems.report(source="x", source_id="1", code="x", sentence="x", at=cast.at, service=service)
    for model in (Organisation, Place, Term, Criterion, Band, Question, Schedule, Service):
        written = texts(model)
        for row in model._default_manager.all():
            unique = {"name": f"{row.pk} {HOSTILE}"} if "name" in written else {}
            model._default_manager.filter(pk=row.pk).update(**{**written, **unique})
    for name in ("Problem", "GlossaryEntry"):
        kind = apps.get_model("cms", name)
        kept = {"word", "settled_by"}
        kind._default_manager.update(**{k: v for k, v in texts(kind).items() if k not in kept})
    for one in Service.objects.all():
        catalogue.list(service=one)
    return Service.objects.get(pk=service.pk), guide


def test_everybody_reads_only_words(hostile: tuple[Service, GuidePage], cast_today: Cast) -> None:
    service, guide = hostile
    public = [
        "/services/",
        "/services/?words=script",
        f"/services/{service.slug}/",
        f"/services/compare/?service={service.slug}",
        "/guides/",
        guide.url,
        "/glossary/",
    ]
    for path in public:
        answer = Client().get(path, follow=True)
        assert answer.status_code == 200, path
        assert is_harmless(answer.content.decode()), path
    assert "evil" in Client().get(f"/services/{service.slug}/").content.decode()
    family = browser(cast_today.fred_user)
    for path in (f"/family/choose/{service.slug}/", f"/services/{service.slug}/"):
        assert is_harmless(family.get(path, follow=True).content.decode()), path


def test_workers_read_only_words(hostile: tuple[Service, GuidePage], cast_today: Cast) -> None:
    service, _guide = hostile
    dev, colin = browser(cast_today.dev), browser(cast_today.colin)
    pages: list[tuple[Client, str, list[Any]]] = [
        (dev, "provider_services", []),
        (dev, "provider_service", [service.reference]),
        (dev, "provider_change", [service.reference]),
        *((dev, "provider_change_section", [service.reference, part]) for part in PARTS),
        (dev, "provider_criteria", [service.reference]),
        (colin, "commissioner_criteria", []),
        (colin, "commissioner_criteria_service", [service.slug]),
        (colin, "commissioner_criteria_change", [service.slug]),
    ]
    for client, name, args in pages:
        page = client.get(reverse(name, args=args), follow=True)
        assert page.status_code == 200, name
        assert is_harmless(page.content.decode()), name


PARTS = ("reach", "start", "questions", "times")


def test_editors_read_only_words(hostile: tuple[Service, GuidePage], cast_today: Cast) -> None:
    service, guide = hostile
    changes = {"summary": HOSTILE[:40], "description": "".join(CORPUS)}
    Service.objects.filter(pk=service.pk).update(website="", email="")
    proposals.propose(service=service, changes=changes, by_user=cast_today.dev)
    edie = browser(cast_today.edie)
    snippet = "wagtailsnippets_cms_service:"
    paths = ["/cms/", "/cms/pages/", f"/cms/pages/{guide.pk}/edit/"]
    paths += [reverse(f"wagtailsnippets_cms_{kind}:list") for kind in KINDS]
    paths += [
        reverse(f"{snippet}{name}", args=[service.pk])
        for name in ("edit", "history", "usage", "proposal", "check", "withdraw")
    ]
    latest = Service.objects.get(pk=service.pk).latest_revision
    assert latest is not None
    paths.append(reverse(f"{snippet}revisions_view", args=[service.pk, latest.pk]))
    paths.append(reverse(f"{snippet}revisions_compare", args=[service.pk, "live", "latest"]))
    for path in paths:
        answer = edie.get(path, follow=True)
        assert answer.status_code == 200, path
        assert is_harmless(answer.content.decode()), path


KINDS = ("service", "organisation", "place", "term", "problem")


def test_machines_read_only_data(hostile: tuple[Service, GuidePage]) -> None:
    service, _guide = hostile
    for path in ("/openreferral/v3/services", f"/openreferral/v3/services/{service.reference}"):
        answer = Client().get(path)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("application/json")
        assert answer["X-Content-Type-Options"] == "nosniff"
