"""Keeps the search in step with Wagtail, which tells of publishing by signal only.

Drafts are published by our own verb, by an editor in `/cms/`, by the end of a workflow and by
Wagtail's clock: all of them pass here.
"""

from django.dispatch import receiver
from wagtail.signals import published, unpublished

from cms import catalogue
from cms.models import Service


@receiver(unpublished, sender=Service, dispatch_uid="cms.unlist")
@receiver(published, sender=Service, dispatch_uid="cms.relist")
def relist(sender: type[Service], instance: Service, **kwargs: object) -> None:
    """Write the listing of a service that has just been published, or taken back."""
    catalogue.list(service=instance)
