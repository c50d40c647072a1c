"""What Wagtail shows in `/cms/`: the catalogue, the editor's own work, and nothing beside."""

from collections.abc import Iterator, Mapping
from typing import Any

import wagtail.hooks as hooks
from django.http import HttpRequest
from django.urls import URLPattern, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import Button
from wagtail.models import WorkflowState
from wagtail.snippets.action_menu import ActionMenuItem, WorkflowMenuItem
from wagtail.snippets.models import register_snippet

from cms.models import Problem, Service
from marketplace.pages import (
    catalogue_duplicates,
    catalogue_editing,
    catalogue_gate,
    catalogue_imports,
    catalogue_proposals,
)

for viewset in (
    catalogue_editing.Problems,
    catalogue_editing.Services,
    catalogue_editing.Organisations,
    catalogue_editing.Places,
    catalogue_editing.Terms,
):
    register_snippet(viewset)

# Kept for administrators; an editor works on the catalogue only.
EDITORS_MENU = frozenset(
    {
        "bring-services",
        "explorer",
        "organisations",
        "places",
        "review-list",
        "services",
        "terms",
        "there-twice",
    }
)
NOBODYS_MENU = frozenset({"help", "reports", "documents"})


@hooks.register("construct_main_menu")
def keep_the_catalogue(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Leave out of the menu what is not the reader's work."""
    user: Any = request.user
    menu_items[:] = [
        item
        for item in menu_items
        if item.name not in NOBODYS_MENU and (user.is_superuser or item.name in EDITORS_MENU)
    ]


@hooks.register("construct_settings_menu")
def leave_out_the_sign_ins(request: HttpRequest, menu_items: list[MenuItem]) -> None:
    """Leave out Wagtail's list of users, which the gate keeps shut."""
    menu_items[:] = [item for item in menu_items if item.name != "users"]


@hooks.register("register_admin_urls")
def add_pages() -> list[URLPattern]:
    """Add the pages that bring services from files and find those that are there twice."""
    return [*catalogue_imports.urlpatterns(), *catalogue_duplicates.urlpatterns()]


@hooks.register("register_admin_menu_item")
def lead_to_imports() -> MenuItem:
    """Lead to the files of services."""
    words = gettext_lazy("Bring services")
    address = reverse_lazy("catalogue_imports")
    return MenuItem(words, address, name="bring-services", icon_name="upload", order=140)


@hooks.register("register_admin_menu_item")
def lead_to_duplicates() -> MenuItem:
    """Lead to what is there twice."""
    words = gettext_lazy("There twice?")
    address = reverse_lazy("catalogue_duplicates")
    return MenuItem(words, address, name="there-twice", icon_name="copy", order=150)


class YourCatalogue(Component):
    """What waits for the editor: approvals and problems."""

    name = "your_catalogue"
    order = 50
    template_name = "cms/home_panel.html"

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """Return what waits, the editor's own only."""
        user = parent_context["request"].user
        services = catalogue_gate.within_reach(Service, user)
        waiting = WorkflowState.objects.filter(
            status=WorkflowState.STATUS_IN_PROGRESS,
            base_content_type__app_label="cms",
            base_content_type__model="service",
        ).values_list("object_id", flat=True)
        problems = catalogue_gate.within_reach(Problem, user).filter(is_open=True)
        return {
            "waiting": services.filter(pk__in=[int(key) for key in waiting]).order_by("name"),
            "drafts": services.filter(has_unpublished_changes=True).count(),
            "problems": problems.distinct().count(),
        }


@hooks.register("construct_homepage_panels")
def show_the_editors_work(request: HttpRequest, panels: list[Component]) -> None:
    """Put the editor's own work on the first page; Wagtail's panels list everybody's."""
    panels[:] = [YourCatalogue()]


@hooks.register("construct_homepage_summary_items")
def leave_out_the_summary(request: HttpRequest, items: list[Component]) -> None:
    """Leave out how many pages and images there are."""
    items.clear()


@hooks.register("register_snippet_listing_buttons")
def offer_acts(snippet: Any, user: Any, next_url: str = "") -> Iterator[Button]:
    """Offer what can be done to a service beside its name in the list."""
    if isinstance(snippet, Service):
        if snippet.has_unpublished_changes and not snippet.is_withdrawn:
            words = _("See what changes")
            yield Button(words, catalogue_proposals.address(snippet), icon_name="view", priority=50)
        for name, words, address in catalogue_editing.acts_on(snippet):
            icon = "check" if name == "check" else "bin"
            yield Button(words, address, icon_name=icon, priority=60)


class SeeProposal(ActionMenuItem):
    """Leads from the form of an entry to what its draft changes, where it can be answered."""

    name = "see-proposal"
    icon_name = "view"
    label = gettext_lazy("See what changes, and answer")

    def get_url(self, context: Any) -> str:
        """Return the address of the proposal."""
        return catalogue_proposals.address(context["instance"])


@hooks.register("construct_snippet_action_menu")
def offer_the_answer(menu_items: list[Any], request: HttpRequest, context: Any) -> None:
    """Leave deletion out of an entry's menu, and answers given without reading what changes."""
    menu_items[:] = [
        item
        for item in menu_items
        if item.name != "action-delete" and not isinstance(item, WorkflowMenuItem)
    ]
    service = context.get("instance")
    if isinstance(service, Service) and service.has_unpublished_changes:
        menu_items.append(SeeProposal(order=60))
