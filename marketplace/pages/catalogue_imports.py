"""Files of services in `/cms/`: brought, each column named, looked through, imported."""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets.history import Actor, ActorKind
from cms import sheets
from cms.models import Organisation, Sheet
from marketplace.openreferral import imports, tables
from marketplace.openreferral.feeds import BadFeed
from marketplace.pages import catalogue_gate

PER_PAGE = 20
MOST_SHOWN = 50


class SheetForm(forms.Form):
    """A file, and whose services are in it."""

    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Whose services are these?"),
        queryset=Organisation.objects.none(),
        help_text=gettext_lazy("Its rules and money govern them. Who runs each can be a column."),
        empty_label=gettext_lazy("Choose one"),
    )
    file = forms.FileField(
        label=gettext_lazy("A CSV or XLSX file"),
        help_text=gettext_lazy("A row of headings, then a row for each service. Up to 5 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["organisation"]
        own = catalogue_gate.organisations(user)
        chosen.queryset = own.order_by("name")  # type: ignore[attr-defined]
        # Those that her own keeps are rarely the owner: an import makes them itself.
        unkept = list(own.filter(kept_by=None)[:2])
        if len(unkept) == 1:
            self.initial["organisation"] = unkept[0]


@dataclass(frozen=True)
class Column:
    """One column of a file: its heading, what stands in it, and the field it is said to be."""

    place: str
    head: str
    samples: list[str]
    chosen: str


@dataclass(frozen=True)
class Trial:
    """What an import would do, and what is wrong with the rows."""

    report: imports.ImportReport
    shown: list[str]
    more: int


def listing(request: HttpRequest) -> HttpResponse:
    """Show the files an editor has brought, and take another."""
    _must_edit(request)
    form = SheetForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("catalogue_import", _bring(request, form).reference)
        except BadFeed as refusal:
            form.add_error("file", refusal.sentence)
    page = Paginator(_reached(request).defer("content"), PER_PAGE)
    context = {"form": form, "page_obj": page.get_page(request.GET.get("p"))}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "cms/imports.html", context, status=status)


def show(request: HttpRequest, reference: uuid.UUID) -> HttpResponse:
    """Ask which column is which field; show what would happen; bring the rows in."""
    _must_edit(request)
    sheet = get_object_or_404(_reached(request), reference=reference)
    if sheet.is_imported:
        return render(request, "cms/import_done.html", {"sheet": sheet, "steps": _steps()})
    try:
        table = tables.read(content=bytes(sheet.content), name=sheet.name)
    except BadFeed as refusal:
        messages.error(request, refusal.sentence)
        return redirect("catalogue_imports")
    refused, trial = [], None
    if request.method == "POST":
        sheet = sheets.say(sheet=sheet, mapping=_said(request, table))
        refused = tables.problems_of(mapping=sheet.mapping)
        if not refused and request.POST.get("act") == "import":
            _bring_in(request, sheet, table)
            return redirect("catalogue_import", sheet.reference)
        trial = None if refused else _tried(request, sheet, table)
    context = {
        "sheet": sheet,
        "columns": _columns(table, sheet),
        "fields": tables.choices(),
        "rows": len(table.rows),
        "refused": refused,
        "trial": trial,
    }
    return render(request, "cms/import.html", context, status=422 if refused else 200)


def _must_edit(request: HttpRequest) -> None:
    if not request.user.has_perm("cms.add_service"):
        raise PermissionDenied


def _reached(request: HttpRequest) -> models.QuerySet[Sheet]:
    own = catalogue_gate.organisations(request.user)
    return Sheet.objects.filter(organisation__in=own).select_related("organisation")


def _bring(request: HttpRequest, form: SheetForm) -> Sheet:
    user: Any = request.user
    file = form.cleaned_data["file"]
    if file.size > tables.LARGEST_BYTES:
        raise BadFeed(_("The file is larger than 5 MB. Bring it in parts."))
    content = file.read()
    table = tables.read(content=content, name=file.name)
    return sheets.bring(
        organisation=form.cleaned_data["organisation"],
        name=file.name,
        content=content,
        heads=table.heads,
        guesses=tables.guess(heads=table.heads),
        by=str(user.reference),
        at=timezone.now(),
    )


def _said(request: HttpRequest, table: tables.Table) -> dict[str, str]:
    told = {str(n): request.POST.get(f"column_{n}", "") for n in range(len(table.heads))}
    return {column: key for column, key in told.items() if key in tables.KEYS}


def _import(request: HttpRequest, sheet: Sheet, table: tables.Table) -> imports.ImportReport:
    user: Any = request.user
    owner = sheet.organisation
    return imports.import_feed(
        feed=tables.feed(table=table, mapping=sheet.mapping, owner=owner),
        # One source an organisation: the same row in next year's file is the same service.
        source=f"sheet:{owner.reference}",
        by=Actor(
            kind=ActorKind.PERSON, reference=str(user.reference), organisation=owner.reference
        ),
        at=timezone.now(),
    )


def _tried(request: HttpRequest, sheet: Sheet, table: tables.Table) -> Trial:
    with transaction.atomic():
        report = _import(request, sheet, table)
        # Only to see what it would do.
        transaction.set_rollback(True)
    told = [problem.sentence for problem in report.problems]
    return Trial(report, told[:MOST_SHOWN], max(0, len(told) - MOST_SHOWN))


@transaction.atomic
def _bring_in(request: HttpRequest, sheet: Sheet, table: tables.Table) -> None:
    # Two tabs: the second finds it done.
    locked = Sheet.objects.select_for_update(no_key=True, of=("self",)).get(pk=sheet.pk)
    if locked.is_imported:
        return
    report = _import(request, locked, table)
    outcome = {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "kept": report.kept,
        "refused": report.refused,
        "problems": len(report.problems),
    }
    sheets.imported(sheet=locked, outcome=outcome, at=timezone.now())


def _columns(table: tables.Table, sheet: Sheet) -> list[Column]:
    return [
        Column(str(n), head, table.samples(n), sheet.mapping.get(str(n), ""))
        for n, head in enumerate(table.heads)
    ]


def _steps() -> list[tuple[str, str]]:
    return [
        (_("See them among the services"), reverse("wagtailsnippets_cms_service:list")),
        (_("Work through the review list"), reverse("wagtailsnippets_cms_problem:list")),
        (_("Look for services that are there twice"), reverse("catalogue_duplicates")),
    ]


def urlpatterns() -> list[URLPattern]:
    """Return where these pages are, under `/cms/`."""
    return [
        path("import/", listing, name="catalogue_imports"),
        path("import/<uuid:reference>/", show, name="catalogue_import"),
    ]
