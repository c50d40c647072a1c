"""What the editors keep in Wagtail: the guides, the glossary, and who may edit them."""

from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission

from cms import editors, guides
from cms.models import GuideIndexPage
from marketplace.management.demonstration.stage import Stage, read
from marketplace.people.roles import Role

FILE = "cms/data/guides.json"
ON_PAGES = ("add_page", "change_page", "publish_page")


def build(stage: Stage) -> None:
    """Put up the guides and the glossary, and let the editor in."""
    data = read(FILE)
    index = guides.put_up_index(site_name="Alongside", **data["index"])
    for row in data["guides"]:
        guides.add_guide(index=index, **row)
    guides.add_glossary(index=index, **data["glossary"])
    group = _editors(index)
    for worker in stage.workers.values():
        if worker.role == Role.EDITOR:
            worker.user.groups.add(group)


def _editors(index: GuideIndexPage) -> Group:
    """Let the editors' group, which cms keeps, work on the guides too."""
    group = Group.objects.get(name=editors.GROUP)
    for codename in ON_PAGES:
        permission = Permission.objects.get(codename=codename, content_type__model="page")
        GroupPagePermission.objects.get_or_create(group=group, page=index, permission=permission)
    return group
