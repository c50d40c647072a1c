"""What the editors keep in Wagtail: the guides, the glossary, their group and their workflow."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from wagtail.models import (
    GroupApprovalTask,
    GroupPagePermission,
    Page,
    Site,
    Workflow,
    WorkflowContentType,
    WorkflowTask,
)

from cms.models import GlossaryEntry, GlossaryPage, GuideIndexPage, GuidePage, Service
from marketplace.management.demonstration.stage import Stage, read

FILE = "cms/data/guides.json"
EDITORS = "Catalogue editors"
EDITED = ("service", "organisation", "place", "term")
ON_PAGES = ("add_page", "change_page", "publish_page")


def build(stage: Stage) -> None:
    """Put up the guides and the glossary, and let the editor in."""
    data = read(FILE)
    index = _index(data["index"])
    for row in data["guides"]:
        index.add_child(instance=GuidePage(**row, live=True))
    _glossary(index, data["glossary"])
    group = _editors(index)
    for worker in stage.workers.values():
        if worker.role == "editor":
            worker.user.groups.add(group)
    _workflow(group)


def _index(row: dict[str, Any]) -> GuideIndexPage:
    """Put the list of guides in the place of Wagtail's welcome page."""
    root = Page.get_first_root_node()
    index: GuideIndexPage = root.add_child(instance=GuideIndexPage(**row, live=True))
    site = Site.objects.get(is_default_site=True)
    site.root_page, site.site_name = index, "Alongside"
    site.save()
    Page.objects.child_of(Page.objects.get(pk=root.pk)).exclude(pk=index.pk).delete()
    return GuideIndexPage.objects.get(pk=index.pk)


def _glossary(index: GuideIndexPage, row: dict[str, Any]) -> None:
    entries = row.pop("entries")
    page = GlossaryPage(**row, live=True)
    page.entries = [GlossaryEntry(**entry) for entry in entries]
    index.add_child(instance=page)


def _editors(index: GuideIndexPage) -> Group:
    group, _is_new = Group.objects.get_or_create(name=EDITORS)
    models = [name for name in EDITED]
    group.permissions.add(
        *Permission.objects.filter(
            content_type__app_label="cms", content_type__model__in=models
        ).exclude(codename__startswith="delete_"),
        *Permission.objects.filter(codename="access_admin"),
    )
    for codename in ON_PAGES:
        permission = Permission.objects.get(codename=codename, content_type__model="page")
        GroupPagePermission.objects.create(group=group, page=index, permission=permission)
    return group


def _workflow(group: Group) -> None:
    """Let drafts of services go to the editors for approval."""
    task = GroupApprovalTask.objects.create(name="The owner’s editors agree")
    task.groups.add(group)
    workflow = Workflow.objects.create(name="Changes to services")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    kind = ContentType.objects.get_for_model(Service)
    WorkflowContentType.objects.create(workflow=workflow, content_type=kind)
