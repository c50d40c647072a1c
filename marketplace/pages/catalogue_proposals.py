"""Proposals in `/cms/`: what changed side by side, the answer, and two editors at one entry."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.pages.edit import EditView as PageEdit
from wagtail.snippets.views import snippets

from cms import catalogue, differences, proposals
from cms.models import Service
from marketplace.pages import catalogue_gate

LIST = "wagtailsnippets_cms_service:list"


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a proposal changes, old and new side by side, and take the answer."""
    rows = catalogue_gate.within_reach(Service, request.user).select_related("provider")
    service = get_object_or_404(rows, pk=pk)
    said, refused = request.POST.get("comment", ""), ""
    if request.method == "POST":
        try:
            _answer(request, service, said)
        except (catalogue.Refused, ValueError) as refusal:
            refused = getattr(refusal, "sentence", "") or _("Choose an answer.")
        else:
            return redirect(LIST)
        service = get_object_or_404(rows, pk=pk)
    draft = service.get_latest_revision() if service.has_unpublished_changes else None
    context = {
        "service": service,
        "differences": proposals.of(service),
        "standing": proposals.standing(service),
        "draft": draft,
        "was": proposals.version(service),
        "answers": proposals.Answer.choices,
        "comment": said,
        "refused": refused,
    }
    status = 422 if refused else 200
    return render(request, "cms/proposal.html", context, status=status)


def find(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Lead from a message to the proposal it tells of, for editors of its owner."""
    user: Any = request.user
    if not user.is_authenticated:
        return redirect("account_login")
    service = get_object_or_404(catalogue_gate.within_reach(Service, user), reference=reference)
    return redirect("wagtailsnippets_cms_service:proposal", service.pk)


def _answer(request: HttpRequest, service: Service, comment: str) -> None:
    user: Any = request.user
    answer = proposals.Answer(request.POST.get("answer", ""))
    done = proposals.answer(
        service=service,
        answer=answer,
        comment=comment,
        was=int(request.POST.get("was", "")),
        on=timezone.localdate(),
        by_user=user,
    )
    words = {
        proposals.Answer.APPROVE: _("%(name)s is published. The provider is told."),
        proposals.Answer.CHANGES: _("The provider of %(name)s is asked for changes."),
        proposals.Answer.NO: _("The proposal for %(name)s is turned down. The provider is told."),
    }
    messages.success(request, words[answer] % {"name": done.name})


class ToProposal(snippets.WorkflowActionView):
    """Lead every answer of Wagtail's own to the page that shows what it would publish."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go to the proposal; nothing is answered unread."""
        return redirect("wagtailsnippets_cms_service:proposal", kwargs["pk"])


class ServiceEdit(snippets.EditView):
    """The form of an entry, which refuses to overwrite what its writer has not read."""

    def is_valid(self, form: Any) -> bool:
        """Say whether it can be saved; where another wrote meanwhile, show both texts."""
        is_fit: bool = super().is_valid(form)
        if not self.is_out_of_date:
            return is_fit
        theirs = differences.said(self.object.get_latest_revision_as_object())
        for name in form.changed_data:
            if name in theirs:
                form.add_error(name, told(theirs[name]))
        for name, formset in form.formsets.items():
            if formset.has_changed() and name in theirs:
                words = _("%(field)s. %(told)s")
                named = {"field": differences.label(name), "told": told(theirs[name])}
                form.add_error(None, words % named)
        self.produced_error_message = overtaken()
        return False


class PageFormEdit(PageEdit):
    """The form of a guide or the glossary, which refuses likewise."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Save, unless another wrote meanwhile: then show both texts."""
        if not self.is_out_of_date or self.expects_json_response:
            return super().post(request, *args, **kwargs)
        self.form = self.form_class(
            request.POST,
            request.FILES,
            instance=self.page,
            subscription=self.subscription,
            parent_page=self.parent,
            for_user=request.user,
        )
        before = {name: self.form.initial.get(name) for name in self.form.fields}
        self.form.is_valid()
        for name in self.form.changed_data:
            theirs: Any = before.get(name)
            shown = theirs.render_as_block() if hasattr(theirs, "stream_block") else theirs
            words = " ".join(str(shown or "").split())
            self.form.add_error(name, told((words,) if words else ()))
        self.form.add_error(None, ValidationError(overtaken()))
        return self.form_invalid(self.form)


def told(theirs: tuple[str, ...]) -> str:
    """Return what the newer version says, for whoever was about to overwrite it."""
    if not theirs:
        return _("In the newer version this is empty. Yours is below; save again to keep yours.")
    return _("The newer version says: “%(words)s”. Yours is below; save again to keep yours.") % {
        "words": "; ".join(theirs)
    }


def overtaken() -> str:
    """Return what somebody reads whose form is older than the entry."""
    return _("Somebody saved a newer version since you opened this. Nothing is lost: read both.")


def address(service: Service) -> str:
    """Return where what a proposal changes is shown."""
    return reverse("wagtailsnippets_cms_service:proposal", args=[service.pk])


# Ours stands before Wagtail's own form of a page: it refuses to overwrite a newer version.
urlpatterns: list[URLPattern] = [
    path("pages/<int:page_id>/edit/", require_admin_access(PageFormEdit.as_view()), name="edit")
]
