"""What Wagtail is told of the catalogue that needs no room above."""

import wagtail.hooks as hooks
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogActionRegistry

from cms import listings
from cms.models import Place, Term


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Name the catalogue's own verbs in Wagtail's history of an entry."""
    actions.register_action("cms.check", _("Checked"), _("Read and found right"))
    actions.register_action("cms.withdraw", _("Withdrawn"), _("Taken out of the catalogue"))
    actions.register_action("cms.merge", _("Merged"), _("Merged into another entry"))
    actions.register_action("cms.import", _("Imported"), _("Brought up to date by an import"))


@hooks.register("after_edit_snippet")
def relist(request: HttpRequest, instance: object) -> None:
    """Let the search know what has changed of a place or a term that services share."""
    if isinstance(instance, Place | Term):
        listings.rebuild(services=listings.concerning(instance))
