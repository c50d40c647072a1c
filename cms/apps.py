from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CmsConfig(AppConfig):
    name = "cms"
    label = "cms"

    def ready(self) -> None:
        """Start listening once the models are there."""
        import_module("cms.published")
        editors = import_module("cms.editors")
        post_migrate.connect(editors.install, sender=self, dispatch_uid="cms.editors")
