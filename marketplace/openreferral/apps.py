from django.apps import AppConfig


class OpenreferralConfig(AppConfig):
    name = "marketplace.openreferral"
    label = "openreferral"
