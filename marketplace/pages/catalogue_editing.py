"""The catalogue's lists and forms in `/cms/`, each narrowed to the editor's own entries."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import (
    FieldPanel,
    HelpPanel,
    InlinePanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.admin.ui import tables
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views import chooser, snippets

from cms import catalogue
from cms.models import Organisation, Place, Problem, Service, Term
from marketplace.notices import problems
from marketplace.pages import catalogue_forms, catalogue_gate, catalogue_proposals


class NothingIsDeleted(ModelPermissionPolicy):
    """Django's permissions, except that nothing is ever deleted."""

    never = frozenset({"delete"})

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Say whether somebody may do an action to any entry at all."""
        return action not in self.never and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """Say whether somebody may do any of some actions."""
        return any(self.user_has_permission(user, action) for action in actions)


class OnlySettled(NothingIsDeleted):
    """Neither added nor deleted: problems are found, and settled."""

    never = frozenset({"delete", "add"})


class ScopedChooser(snippets.SnippetChooserViewSet):
    """A chooser of what the editor may name."""

    @property
    def choose_view_class(self) -> type:
        return scoped(chooser.ChooseView)

    @property
    def choose_results_view_class(self) -> type:
        return scoped(chooser.ChooseResultsView)


def scoped(view: type) -> type:
    """Narrow a chooser's list."""

    def get_object_list(self: Any) -> models.QuerySet[Any]:
        rows = catalogue_gate.to_choose(self.model_class, self.request.user)
        return rows.distinct()

    return type(f"Scoped{view.__name__}", (view,), {"get_object_list": get_object_list})


class Entries(snippets.IndexView):
    """A list without boxes to tick: nothing is done to many entries at once."""

    @cached_property
    def columns(self) -> list[tables.Column]:
        """Return the columns but for the boxes."""
        columns: list[tables.Column] = super().columns
        return [
            column for column in columns if not isinstance(column, tables.BulkActionsCheckboxColumn)
        ]


def day_column(name: str, label: Any) -> tables.Column:
    """Return a column that shows a day without its time."""

    def shown(row: Any) -> str:
        value = getattr(row, name)
        return date_format(value, "j F Y") if value else ""

    return tables.Column(name, label=label, accessor=shown, sort_key=name)


class CatalogueViewSet(snippets.SnippetViewSet):
    """What all kinds of entry have in common."""

    add_to_admin_menu = True
    copy_view_enabled = False
    chooser_viewset_class: type[ChooserViewSet] = ScopedChooser
    index_view_class = Entries
    list_per_page = 50
    listed_with: tuple[str, ...] = ()

    @property
    def permission_policy(self) -> ModelPermissionPolicy:
        return NothingIsDeleted(self.model)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return the editor's own entries."""
        rows = catalogue_gate.within_reach(self.model, request.user)
        return rows.select_related(*self.listed_with) if self.listed_with else rows


def state_of(service: Service) -> str:
    """Return where an entry stands. Wagtail's own status asks the database for every row."""
    if service.is_withdrawn:
        return _("withdrawn")
    if service.live:
        return _("live, with a draft") if service.has_unpublished_changes else _("live")
    return _("draft")


def inline(name: str, label: Any, fields: str) -> InlinePanel:
    """Return the panel of a service's own rows, in the order the editor puts them."""
    return InlinePanel(name, label=label, panels=[FieldPanel(field) for field in fields.split()])


class Services(CatalogueViewSet):
    """Services and mentors."""

    model = Service
    edit_view_class = catalogue_proposals.ServiceEdit
    workflow_action_view_class = catalogue_proposals.ToProposal
    listed_with = ("owner", "provider")
    icon = "group"
    menu_order = 100
    list_display = [
        "name",
        "kind",
        "provider",
        tables.StatusTagColumn(
            "live",
            label=gettext_lazy("Status"),
            accessor=state_of,
            primary=lambda service: service.live and not service.is_withdrawn,
            sort_key="live",
        ),
        day_column("checked_on", gettext_lazy("Last checked")),
    ]
    list_filter = ["kind", "live"]
    search_fields = ["name", "summary", "provider__name"]
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel("name"),
                    FieldPanel("slug"),
                    FieldPanel("kind"),
                    FieldPanel("owner"),
                    FieldPanel("provider"),
                    FieldPanel("summary"),
                    FieldPanel("description"),
                    FieldPanel("what_happens_next"),
                    FieldPanel("website"),
                    FieldPanel("email"),
                    FieldPanel("phone"),
                ],
                heading=gettext_lazy("What it is"),
            ),
            ObjectList(
                [
                    FieldPanel("terms"),
                    HelpPanel(
                        gettext_lazy(
                            "Who can have it, and how much, is set by the owner’s commissioner "
                            "under “Criteria”, where demand and money are seen."
                        )
                    ),
                    FieldPanel("is_statutory"),
                    FieldPanel("is_confidential"),
                ],
                heading=gettext_lazy("Who it is for"),
            ),
            ObjectList(
                [
                    inline("processes", gettext_lazy("Step it needs"), "step interaction"),
                    inline(
                        "questions",
                        gettext_lazy("Question it asks"),
                        "key text help_text kind choices is_required",
                    ),
                    FieldPanel("answer_days"),
                    FieldPanel("wait_days"),
                    FieldPanel("notice_days"),
                    FieldPanel("places_a_week"),
                    FieldPanel("places_at_once"),
                ],
                heading=gettext_lazy("How it starts"),
            ),
            ObjectList(
                [
                    FieldPanel("places"),
                    FieldPanel("districts"),
                    inline(
                        "schedules",
                        gettext_lazy("Time it is on"),
                        "weekday opens_at closes_at description place",
                    ),
                ],
                heading=gettext_lazy("Where and when"),
            ),
            ObjectList(
                [
                    FieldPanel("contact_check"),
                    HelpPanel(
                        gettext_lazy(
                            "Checks held, and what a mentor shows of herself, are kept by who "
                            "provides it: what a mentor shows needs her own yes."
                        )
                    ),
                ],
                heading=gettext_lazy("Who you meet"),
            ),
        ],
        base_form_class=catalogue_forms.ServiceForm,
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add what is done to a service beside editing it."""
        acts = [path(f"{act.name}/<int:pk>/", act.page, name=act.name) for act in (CHECK, WITHDRAW)]
        proposal = path("proposal/<int:pk>/", catalogue_proposals.show, name="proposal")
        return [*super().get_urlpatterns(), *acts, proposal]


class Organisations(CatalogueViewSet):
    """Organisations."""

    model = Organisation
    icon = "home"
    menu_order = 110
    list_display = ["name", "kind", "website"]
    list_filter = ["kind"]
    search_fields = ["name"]
    panels = [
        FieldPanel(name)
        for name in ("name", "kind", "description", "website", "email", "phone", "postcode")
    ]


class Places(CatalogueViewSet):
    """Places."""

    model = Place
    listed_with = ("organisation",)
    icon = "site"
    menu_order = 120
    list_display = ["name", "organisation", "postcode", "district"]
    list_filter = ["district"]
    search_fields = ["name", "postcode"]
    edit_handler = ObjectList(
        [
            FieldPanel(name)
            for name in (
                "organisation",
                "name",
                "address",
                "postcode",
                "district",
                "latitude",
                "longitude",
                "step_free",
            )
        ],
        base_form_class=catalogue_forms.OwnedForm,
    )


class Terms(CatalogueViewSet):
    """The common words; administrators change them."""

    model = Term
    icon = "tag"
    menu_order = 130
    list_display = ["name", "plain_name", "taxonomy", "parent"]
    list_filter = ["taxonomy"]
    search_fields = ["name", "plain_name"]
    panels = [
        FieldPanel(name)
        for name in ("taxonomy", "slug", "name", "plain_name", "description", "parent")
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return all terms: they are everybody's."""
        return catalogue_gate.to_choose(Term, request.user).select_related("parent")


class Problems(CatalogueViewSet):
    """The review list: what an import or a reader found wrong."""

    model = Problem
    icon = "warning"
    menu_order = 90
    menu_label = gettext_lazy("Review list")
    list_display = [
        "sentence",
        "source",
        day_column("found_at", gettext_lazy("Found")),
        tables.StatusTagColumn(
            "is_open",
            label=gettext_lazy("Status"),
            accessor=lambda problem: _("open") if problem.is_open else _("settled"),
            primary=lambda problem: problem.is_open,
            sort_key="is_open",
        ),
    ]
    list_filter = ["is_open", "code", "source"]
    search_fields = ["sentence", "source_id"]
    panels = [FieldPanel("sentence", read_only=True)]

    @property
    def permission_policy(self) -> ModelPermissionPolicy:
        return OnlySettled(self.model)

    @property
    def edit_view(self) -> Callable[..., HttpResponse]:
        """Reading a problem and settling it is one page."""
        return settle


class Act:
    """Something done to a service from `/cms/`: a page that asks, and a POST that acts."""

    def __init__(self, name: str, question: Any, label: Any, done: Any, verb: Any) -> None:
        self.name, self.question, self.label, self.done = name, question, label, done
        self.verb = verb

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, or act and go back to the list."""
        rows = catalogue_gate.within_reach(Service, request.user)
        service = get_object_or_404(rows, pk=pk)
        if request.method == "POST":
            try:
                self.verb(service=service, on=timezone.localdate(), by_user=request.user)
                messages.success(request, self.done % {"name": service.name})
            except catalogue.Refused as refusal:
                messages.error(request, refusal.sentence)
            return redirect("wagtailsnippets_cms_service:list")
        context = {"service": service, "act": self, "question": self.question}
        return render(request, "cms/act.html", context)


CHECK = Act(
    "check",
    gettext_lazy("Have you read this entry, and is all of it right today?"),
    gettext_lazy("Yes, it is right"),
    gettext_lazy("%(name)s is marked as checked today."),
    catalogue.check,
)
WITHDRAW = Act(
    "withdraw",
    gettext_lazy("Take this entry out of the catalogue? Nobody will find it from today."),
    gettext_lazy("Yes, withdraw it"),
    gettext_lazy("%(name)s has been withdrawn."),
    catalogue.withdraw,
)


def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one problem, and take it off the review list."""
    rows = catalogue_gate.within_reach(Problem, request.user).select_related("service")
    problem = get_object_or_404(rows.distinct(), pk=pk)
    user: Any = request.user
    if request.method == "POST":
        problems.settle(
            problem=problem,
            answer=request.POST.get("answer", "").strip(),
            by=str(user.reference),
            at=timezone.now(),
        )
        messages.success(request, _("That problem is settled."))
        return redirect("wagtailsnippets_cms_problem:list")
    return render(request, "cms/problem.html", {"problem": problem})


def acts_on(service: Service) -> list[tuple[str, Any, str]]:
    """Return what can be done to a service: its name, its words and its address."""
    words = {"check": _("Checked today"), "withdraw": _("Withdraw")}
    return [
        (
            act.name,
            words[act.name],
            reverse(f"wagtailsnippets_cms_service:{act.name}", args=[service.pk]),
        )
        for act in (CHECK, WITHDRAW)
        if not service.is_withdrawn
    ]
