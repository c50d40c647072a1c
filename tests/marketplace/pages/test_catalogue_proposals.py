"""Proposals in `/cms/`: seen side by side, answered there only, and never overwritten unread."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset

from cms import guides, proposals
from cms.models import GuideIndexPage, GuidePage, Service
from marketplace.notices.models import Notice
from marketplace.people.models import User
from tests.cast import Cast
from tests.marketplace.pages.test_catalogue_editing import EDIT, form
from tests.marketplace.pages.test_matrix import browser

pytestmark = pytest.mark.once

PROPOSAL = "wagtailsnippets_cms_service:proposal"


@pytest.fixture
def edie(client: Client, cast_today: Cast) -> Client:
    """The county's editor, signed in."""
    client.force_login(cast_today.edie)
    return client


@pytest.fixture
def proposed(cast_today: Cast) -> Service:
    """Return Kai's entry, of which Dev wants to say something else."""
    proposals.propose(
        service=cast_today.mentor,
        changes={"summary": "Kai goes climbing with you.", "wait_days": 3},
        by_user=cast_today.dev,
    )
    return Service.objects.get(pk=cast_today.mentor.pk)


def sent(service: Service, answer: str, comment: str = "") -> dict[str, Any]:
    """Return an answer as the page sends it."""
    return {"answer": answer, "comment": comment, "was": proposals.version(service)}


def kinds(user: User) -> list[str]:
    """Return what somebody was told on this site."""
    told = Notice.objects.filter(user=user, channel="in_app").order_by("pk")
    return [*told.values_list("kind", flat=True)]


def test_the_owner_sees_what_changes_side_by_side(edie: Client, proposed: Service) -> None:
    page = edie.get(reverse(PROPOSAL, args=[proposed.pk])).content.decode()
    assert "Dev Patel" in page
    assert re.search(r"<ins>[^<]*climbing", page)
    assert "Usual wait" in page
    for label in ("Approve and publish", "Ask for changes", "Turn it down"):
        assert label in page


def test_it_is_approved_through_the_workflow_and_the_provider_is_told(
    edie: Client, proposed: Service, cast_today: Cast
) -> None:
    assert kinds(cast_today.edie) == ["proposal_for_you"]
    url = reverse(PROPOSAL, args=[proposed.pk])
    assert edie.post(url, sent(proposed, "approve")).status_code == 302
    done = Service.objects.get(pk=proposed.pk)
    assert done.summary == "Kai goes climbing with you."
    assert done.current_workflow_state is None
    assert kinds(cast_today.dev) == ["proposal_answered"]


@pytest.mark.parametrize("answer", ["changes", "no"])
def test_the_provider_reads_the_comment(
    edie: Client, proposed: Service, cast_today: Cast, answer: str
) -> None:
    url = reverse(PROPOSAL, args=[proposed.pk])
    silent = edie.post(url, sent(proposed, answer))
    assert silent.status_code == 422
    assert "Say what to change, or why not" in silent.content.decode()
    assert edie.post(url, sent(proposed, answer, "Fewer marks, please.")).status_code == 302
    assert Service.objects.get(pk=proposed.pk).summary != "Kai goes climbing with you."
    assert kinds(cast_today.dev) == ["proposal_answered"]
    dev = browser(cast_today.dev)
    page = dev.get(f"/go/proposal/{proposed.reference}/", follow=True).content.decode()
    assert "Fewer marks, please." in page


def test_what_changed_while_it_was_read_is_not_answered(
    edie: Client, proposed: Service, cast_today: Cast
) -> None:
    old = sent(proposed, "approve", "Fine.")
    proposals.propose(
        service=proposed, changes={"summary": "Something else."}, by_user=cast_today.dev
    )
    answer = edie.post(reverse(PROPOSAL, args=[proposed.pk]), old)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody changed this since you opened the page." in page
    assert "Something" in page
    assert "Fine." in page
    assert Service.objects.get(pk=proposed.pk).summary == cast_today.mentor.summary


@pytest.mark.parametrize("answer", ["", "publish"])
def test_no_answer_is_no_answer(edie: Client, proposed: Service, answer: str) -> None:
    url = reverse(PROPOSAL, args=[proposed.pk])
    assert edie.post(url, sent(proposed, answer)).status_code == 422
    assert edie.post(url, {**sent(proposed, "approve"), "was": "x"}).status_code == 422
    assert Service.objects.get(pk=proposed.pk).has_unpublished_changes


def test_nobody_answers_unread_by_wagtails_own_address(edie: Client, proposed: Service) -> None:
    state = proposed.current_workflow_task_state
    for action in ("approve", "reject"):
        url = reverse(
            "wagtailsnippets_cms_service:workflow_action", args=[proposed.pk, action, state.pk]
        )
        assert edie.post(url)["Location"] == reverse(PROPOSAL, args=[proposed.pk])
    assert Service.objects.get(pk=proposed.pk).current_workflow_state is not None
    page = edie.get(reverse(EDIT, args=[proposed.pk])).content.decode()
    assert "See what changes, and answer" in page
    assert "data-workflow-action-name" not in page


def test_a_message_leads_an_editor_to_the_proposal(
    edie: Client, proposed: Service, cast_today: Cast
) -> None:
    led = edie.get(f"/go/proposal/{proposed.reference}/", follow=True)
    assert led.redirect_chain[-1][0] == reverse(PROPOSAL, args=[proposed.pk])
    address = reverse("catalogue_proposal", args=[cast_today.confidential.reference])
    assert edie.get(address).status_code == 404


def edit(service: Service, cast: Cast, **changes: Any) -> dict[str, Any]:
    """Return the form of Kai's entry, as it is opened now."""
    latest = service.latest_revision
    told = {"name": service.name, "slug": service.slug, "kind": service.kind}
    rows = {"processes": inline_formset([]), "schedules": inline_formset([])}
    return {
        **form(cast, **told, **rows, **changes),
        "loaded_revision_id": latest.pk if latest else "",
        "loaded_revision_created_at": latest.created_at.isoformat() if latest else "",
    }


def test_two_editors_at_once_both_texts_are_shown_and_none_is_lost(
    edie: Client, proposed: Service, cast_today: Cast
) -> None:
    url = reverse(EDIT, args=[proposed.pk])
    stale = edit(proposed, cast_today, summary="What Edie typed.")
    proposals.propose(
        service=proposed, changes={"summary": "What Dev typed."}, by_user=cast_today.dev
    )
    answer = edie.post(url, stale)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "What Edie typed." in page
    assert "The newer version says: “What Dev typed.”" in page
    now = Service.objects.get(pk=proposed.pk)
    assert proposals.draft(now).summary == "What Dev typed."
    again = edit(now, cast_today, summary="What Edie typed.")
    assert edie.post(url, again).status_code == 302
    assert proposals.draft(Service.objects.get(pk=proposed.pk)).summary == "What Edie typed."


def test_without_the_refusal_the_second_would_win_unread(
    edie: Client, proposed: Service, cast_today: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: Wagtail by itself lets the later form overwrite the newer draft."""
    stale = edit(proposed, cast_today, summary="What Edie typed.")
    proposals.propose(
        service=proposed, changes={"summary": "What Dev typed."}, by_user=cast_today.dev
    )
    view = "marketplace.pages.catalogue_proposals.ServiceEdit.is_out_of_date"
    monkeypatch.setattr(view, False)
    assert edie.post(reverse(EDIT, args=[proposed.pk]), stale).status_code == 302
    assert proposals.draft(Service.objects.get(pk=proposed.pk)).summary == "What Edie typed."


def test_an_editor_who_publishes_it_herself_tells_the_provider(
    edie: Client, proposed: Service, cast_today: Cast
) -> None:
    filled = edit(proposed, cast_today, summary="Better words.", **{"action-publish": "1"})
    assert edie.post(reverse(EDIT, args=[proposed.pk]), filled).status_code == 302
    assert Service.objects.get(pk=proposed.pk).summary == "Better words."
    assert kinds(cast_today.dev) == ["proposal_answered"]


@pytest.fixture
def guide(cast_today: Cast) -> GuidePage:
    """A guide that is up, of no organisation in particular."""
    index: GuideIndexPage = guides.put_up_index(site_name="Alongside", title="Guides", slug="g")
    return guides.add_guide(index=index, title="How to choose", slug="how", summary="In short.")


def page_form(guide: GuidePage, **changes: Any) -> dict[str, Any]:
    """Return the form of a guide as it is opened now."""
    latest = Page.objects.get(pk=guide.pk).latest_revision
    return {
        "title": guide.title,
        "slug": guide.slug,
        "summary": "In short.",
        "body-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        "comments-MIN_NUM_FORMS": "0",
        "comments-MAX_NUM_FORMS": "",
        "loaded_revision_id": latest.pk if latest else "",
        "loaded_revision_created_at": latest.created_at.isoformat() if latest else "",
        **changes,
    }


def test_any_editor_writes_a_guide_and_another_publishes_it(
    edie: Client, cast_today: Cast, guide: GuidePage
) -> None:
    url = reverse("wagtailadmin_pages:edit", args=[guide.pk])
    assert edie.get(url).status_code == 200
    edie.post(url, page_form(guide, summary="Mine alone.", **{"action-publish": "1"}))
    assert GuidePage.objects.get(pk=guide.pk).summary == "In short."
    edie.post(url, page_form(guide, summary="Ours.", **{"action-submit": "1"}))
    waiting = Page.objects.get(pk=guide.pk).current_workflow_task_state
    assert waiting is not None
    approve = reverse("wagtailadmin_pages:workflow_action", args=[guide.pk, "approve", waiting.pk])
    edie.post(approve)
    assert GuidePage.objects.get(pk=guide.pk).summary == "In short."
    edit_other = another_editor(cast_today)
    edit_other.post(approve)
    assert GuidePage.objects.get(pk=guide.pk).summary == "Ours."


def another_editor(cast: Cast) -> Client:
    """Return the browser of an editor of another owner."""
    cast.ruth.memberships.create(
        organisation=cast.nhs, role="editor", starts_on=cast.day, ends_on=None
    )
    return browser(cast.ruth)


def test_two_editors_of_a_guide_do_not_overwrite_each_other(
    edie: Client, cast_today: Cast, guide: GuidePage
) -> None:
    url = reverse("wagtailadmin_pages:edit", args=[guide.pk])
    edie.post(url, page_form(guide, summary="The first words."))
    stale = page_form(guide, summary="What Edie typed.")
    ruth = another_editor(cast_today)
    assert ruth.post(url, page_form(guide, summary="What Ruth typed.")).status_code == 302
    page = edie.post(url, stale).content.decode()
    assert "What Edie typed." in page
    assert "The newer version says: “What Ruth typed.”" in page
    latest: Any = Page.objects.get(pk=guide.pk).get_latest_revision_as_object()
    assert latest.summary == "What Ruth typed."


def test_whoever_is_no_editor_has_no_page(cast_today: Cast, guide: GuidePage) -> None:
    for name in ("dev", "colin", "amira"):
        found = browser(cast_today.users[name]).get(
            reverse("wagtailadmin_pages:edit", args=[guide.pk])
        )
        assert found.status_code in (302, 403, 404), name


def test_an_editor_reaches_no_page_but_guides(
    edie: Client, cast_today: Cast, guide: GuidePage
) -> None:
    root = Page.objects.get(depth=1)
    assert edie.get(reverse("wagtailadmin_pages:edit", args=[root.pk])).status_code in (302, 403)
    for name in ("delete", "unpublish", "move"):
        url = reverse(f"wagtailadmin_pages:{name}", args=[guide.pk])
        assert edie.post(url).status_code in (302, 403)
    assert GuidePage.objects.get(pk=guide.pk).live
