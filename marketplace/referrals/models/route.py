"""By which way a request came in (report §4.6): each is counted by what became of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Route(models.TextChoices):
    """Who brought it: whoever asked, or where the enquiry behind it came from."""

    ADVOCATE = "advocate", _("An advocate")
    LEAD = "lead", _("A lead worker")
    FAMILY = "family", _("The family, signed in")
    SELF = "self", _("Somebody for herself, without a sign-in")
    GP = "gp", _("A GP practice")
    SCHOOL = "school", _("A school")
    OTHER_SERVICE = "other_service", _("Another service")
