from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "marketplace.sharing"
    label = "sharing"
