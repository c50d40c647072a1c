"""What the editors keep in Wagtail: the guides, the glossary, and their group."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission, Page, Site

from cms import editors
from cms.models import GlossaryEntry, GlossaryPage, GuideIndexPage, GuidePage
from marketplace.management.demonstration.stage import Stage, read

FILE = "cms/data/guides.json"
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
    """Let the editors' group, which cms keeps, work on the guides too."""
    group = Group.objects.get(name=editors.GROUP)
    for codename in ON_PAGES:
        permission = Permission.objects.get(codename=codename, content_type__model="page")
        GroupPagePermission.objects.create(group=group, page=index, permission=permission)
    return group
