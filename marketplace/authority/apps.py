from django.apps import AppConfig


class AuthorityConfig(AppConfig):
    name = "marketplace.authority"
    label = "authority"
