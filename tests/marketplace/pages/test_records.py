"""A record, from asking to the file: by the person, whoever answers, and an organisation."""

import asyncio
import io
import json
import re
import zipfile
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.http.response import HttpResponseBase
from django.test import Client

from budgets import history
from budgets.models import Event, Person
from marketplace.pages import downloads
from marketplace.people.models import User
from marketplace.rights import copies, holding, holds
from marketplace.rights.models import LegalHold, RequestKind, RequestState, RightsRequest
from marketplace.sharing import sharing
from marketplace.sharing.models import Look, Scope
from tests import factories
from tests.cast import Cast
from tests.marketplace.rights.test_record import ask, note, read_all, release

pytestmark = pytest.mark.once


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def unpacked(answer: HttpResponseBase) -> dict[str, str]:
    """Return the files of a downloaded archive."""
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(body)) as archived:
        assert archived.testzip() is None
        return {name: archived.read(name).decode() for name in archived.namelist()}


def test_from_asking_to_the_file(cast_today: Cast):
    cast = cast_today
    note(cast, cast.fred, "CANARY: Olive next door drinks.")
    note(cast, cast.fred, "He likes to cook.")
    fred, adam = browser(cast.fred_user), browser(cast.adam)
    person = str(cast.fred.reference)
    fred.post("/family/my-record/ask/copy/", {"person": person, "words": "Please."})
    request = RightsRequest.objects.get()
    here = f"/records/{request.reference}/"
    assert "Fred Garner" in adam.get("/records/").content.decode()
    adam.post(f"{here}take/")
    page = adam.get(f"{here}?kind=budgets.EventText").content.decode()
    assert "CANARY" in page
    row = re.findall(r'name="row" value="(\d+)"', page)[0]
    adam.post(
        f"{here}redact/",
        {"label": "budgets.EventText", "row": row, "field": "text", "reason": "about_another"},
    )
    kinds = adam.get(here).context["kinds"]
    for label in [kind["label"] for kind in kinds if kind["is_unread"]]:
        shown = adam.get(f"{here}?kind={label}")
        adam.post(f"{here}read/", {"label": label, "marks": shown.context["marks"]})
    adam.post(f"{here}release/")
    assert RightsRequest.objects.get().state == RequestState.RELEASED
    page = fred.get("/family/my-record/").content.decode()
    assert "Ready" in page
    answer = fred.get(f"/family/my-record/{request.reference}/download/")
    files = unpacked(answer)
    assert set(files) == {"record.html", "record.json"}
    for text in files.values():
        assert "He likes to cook." in text
        assert "CANARY" not in text
    assert json.loads(files["record.json"])["about"] == "Fred Garner"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="my-record.zip"'
    assert history.of(request.reference).filter(verb="downloaded").count() == 1


def test_a_copy_with_a_text_that_nobody_read_is_not_released(cast_today: Cast):
    cast = cast_today
    request = ask(cast, cast.fred, cast.fred_user)
    browser(cast.adam).post(f"/records/{request.reference}/release/")
    assert RightsRequest.objects.get().is_open
    page = browser(cast.adam).get(f"/records/{request.reference}/").content.decode()
    assert "To be read" in page


def test_the_reviewers_look_is_recorded(cast_today: Cast):
    cast = cast_today
    request = ask(cast, cast.fred, cast.fred_user)
    browser(cast.adam).get(f"/records/{request.reference}/")
    assert Look.objects.filter(person=cast.fred, user=cast.adam, subject_kind="record").exists()


def test_an_advocate_asks_on_her_behalf_and_her_look_is_recorded(cast_today: Cast):
    cast = cast_today
    amira = browser(cast.amira)
    amira.post(f"/advocate/records/{cast.fred.reference}/ask/copy/")
    request = RightsRequest.objects.get()
    assert (request.asked_by, request.kind) == (cast.amira, RequestKind.ACCESS)
    release(cast, request)
    assert amira.get(f"/advocate/records/{cast.fred.reference}/").status_code == 200
    answer = amira.get(f"/advocate/records/copies/{request.reference}/")
    assert "Fred Garner" in unpacked(answer)["record.html"]
    assert Look.objects.filter(person=cast.fred, user=cast.amira, subject_kind="record").exists()


def test_something_is_put_right(cast_today: Cast):
    cast = cast_today
    fred = browser(cast.fred_user)
    answer = fred.post("/family/my-record/correct/", {"person": str(cast.fred.reference)})
    assert "There is something to put right" in answer.content.decode()
    fred.post(
        "/family/my-record/correct/",
        {"person": str(cast.fred.reference), "code": "person.last_name", "wanted": "Hale"},
    )
    request = RightsRequest.objects.get()
    adam = browser(cast.adam)
    assert "Hale" in adam.get(f"/records/{request.reference}/").content.decode()
    unsaid = adam.post(f"/records/{request.reference}/answer/", {"decision": "yes", "words": ""})
    assert unsaid.status_code == 422
    adam.post(f"/records/{request.reference}/answer/", {"decision": "yes", "words": "Yes, it is."})
    assert Person.objects.get(pk=cast.fred.pk).last_name == "Hale"
    assert "Yes, it is." in fred.get("/family/my-record/").content.decode()


def test_what_is_said_to_be_wrong_is_named_in_plain_words(cast_today: Cast):
    cast = cast_today
    known = factories.fact(cast, cast.jamie)
    secret = factories.fact(cast, cast.anne, key="uses_drugs")
    fred, here = browser(cast.fred_user), "/family/my-record/correct/"
    page = fred.get(f"{here}?fact={known.reference}").content.decode()
    assert f'<option value="fact.{known.reference}" selected>Goes to school: yes' in page
    assert "Goes to school" not in fred.get(f"{here}?fact=nothing").content.decode()
    assert "Uses drugs" not in fred.get(f"{here}?fact={secret.reference}").content.decode()
    fred.post(
        here,
        {
            "person": str(cast.jamie.reference),
            "code": f"fact.{known.reference}",
            "wanted": "no",
        },
    )
    assert "Put something right: Goes to school" in fred.get("/family/my-record/").content.decode()


def test_a_birthday_is_written_as_people_write_one(cast_today: Cast):
    cast = cast_today
    fred, here = browser(cast.fred_user), "/family/my-record/correct/"
    sent = {"person": str(cast.fred.reference), "code": "person.born_on"}
    answer = fred.post(here, {**sent, "wanted": "some day"}).content.decode()
    assert "Write the day like this: 3 June 2012." in answer
    assert "some day" in answer
    fred.post(here, {**sent, "wanted": "3 June 1981"})
    assert RightsRequest.objects.get().wanted == "1981-06-03"
    assert "Wednesday 3 June 1981" in fred.get("/family/my-record/").content.decode()


def test_erasure_that_cannot_be_says_why(cast_today: Cast):
    cast = cast_today
    browser(cast.anne_user).post("/family/my-record/ask/erase/", {"words": ""})
    factories.safeguard(cast, cast.anne)
    request = RightsRequest.objects.get()
    here = f"/records/{request.reference}/"
    adam = browser(cast.adam)
    assert "keeping a person safe" in adam.get(here).content.decode()
    answer = adam.post(f"{here}answer/", {"decision": "yes", "words": "Yes."})
    assert answer.status_code == 422
    assert Person.objects.get(pk=cast.anne.pk).first_name == "Anne"


def test_a_hold_is_placed_by_reference_and_lifted(cast_today: Cast):
    cast = cast_today
    adam = browser(cast.adam)
    for reference in ("not-one", str(cast.county.reference)):
        answer = adam.post("/commissioner/holds/", {"reference": reference, "reason": "A claim."})
        assert "There is something to put right" in answer.content.decode()
    adam.post("/commissioner/holds/", {"reference": str(cast.fred.reference), "reason": "A claim."})
    hold = LegalHold.objects.get()
    assert holds.on_person(person=cast.fred).exists()
    page = adam.get("/commissioner/holds/").content.decode()
    assert "A claim." in page
    assert "Fred" not in page
    adam.post(f"/commissioner/holds/{hold.reference}/lift/", {"reason": "Settled."})
    assert not LegalHold.objects.get().is_standing


def test_what_an_organisation_holds_stops_with_its_reason(cast_today: Cast):
    cast = cast_today
    reason = factories.reason(
        cast, cast.fred, organisation=cast.nhs, role="lead_professional", scope=Scope.RECORD
    )
    nurse = factories.worker(cast, cast.nhs, "lead_professional")  # type: ignore[arg-type]
    here = f"/records/about/{cast.fred.reference}/"
    client = browser(nurse)
    assert client.get(here).status_code == 200
    files = unpacked(client.get(f"{here}download/"))
    assert "A calmer home" in files["record.html"]
    assert "A place of my own" not in files["record.html"]
    assert Look.objects.filter(person=cast.fred, user=nurse).exists()
    sharing.stop(reason=reason, by=cast.by(cast.fred_user), at=cast.at)
    assert client.get(here).status_code == 404
    assert client.get(f"{here}download/").status_code == 404


def test_that_test_goes_red_when_the_gate_is_not_asked(
    cast_today: Cast, monkeypatch: pytest.MonkeyPatch
):
    """The twin: an export that does not ask who may know."""
    monkeypatch.setattr(sharing, "visible", lambda queryset, **asked: queryset)
    with pytest.raises(AssertionError):
        test_what_an_organisation_holds_stops_with_its_reason(cast_today)


def test_the_archive_is_sent_in_pieces_under_asgi(cast: Cast):
    released = release(cast, ask(cast, cast.fred, cast.fred_user))
    copy = copies.build(request=released, knows_secrets=True, at=cast.at)
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": []}
    answer: Any = downloads.of_copy(ASGIRequest(scope, io.BytesIO()), copy, filename="x.zip")
    assert answer.is_async

    async def sent() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    with zipfile.ZipFile(io.BytesIO(asyncio.run(sent()))) as archived:
        assert "Fred Garner" in archived.read("record.html").decode()


def test_reading_is_of_what_was_on_the_page(cast: Cast):
    request = ask(cast, cast.fred, cast.fred_user)
    read_all(cast, request)
    note(cast, cast.fred, "Written meanwhile.")
    with pytest.raises(copies.NotRead):
        copies.release(request=request, user=cast.adam, by=cast.by(cast.adam), at=cast.at)


def test_nobody_holds_what_nobody_shared(cast: Cast):
    with pytest.raises(sharing.NotFound):
        holding.copy(person=cast.fred, organisation=cast.mentors, user=cast.dev, at=cast.at)
    assert not Event.objects.filter(verb="downloaded").exists()
