"""The pages that explain: the list of guides, the guides, and the glossary."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from wagtail.models import Page, Site

from cms import editors
from cms.models import GlossaryEntry, GlossaryPage, GuideIndexPage, GuidePage


@transaction.atomic
def put_up_index(*, site_name: str, **fields: Any) -> GuideIndexPage:
    """Put the list of guides at the root of the site, in the place of Wagtail's welcome page."""
    root = Page.get_first_root_node()
    index = root.add_child(instance=GuideIndexPage(**fields, live=True))
    site = Site.objects.get(is_default_site=True)
    site.root_page, site.site_name = index, site_name
    site.save()
    for page in Page.objects.child_of(Page.objects.get(pk=root.pk)).exclude(pk=index.pk):
        page.delete()
    editors.open_guides(index)
    found: GuideIndexPage = GuideIndexPage.objects.get(pk=index.pk)
    return found


@transaction.atomic
def add_guide(*, index: GuideIndexPage, **fields: Any) -> GuidePage:
    """Add a guide below the list of guides; its body is a list of blocks."""
    page: GuidePage = index.add_child(instance=GuidePage(**fields, live=True))
    return page


@transaction.atomic
def add_glossary(
    *, index: GuideIndexPage, entries: Iterable[Mapping[str, str]], **fields: Any
) -> GlossaryPage:
    """Add the glossary with its words below the list of guides."""
    page: Any = GlossaryPage(**fields, live=True)
    page.entries = [GlossaryEntry(**entry) for entry in entries]
    glossary: GlossaryPage = index.add_child(instance=page)
    return glossary
