"""Numbered system checks: what is set up in a way that would go wrong, and what to do about it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils import timezone

from marketplace.notices import working_days

LONG_ENOUGH = 50


@register(Tags.security)
def secret_key(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E001: a site with a real address needs a secret of its own."""
    is_weak = len(settings.SECRET_KEY) < LONG_ENOUGH
    if settings.IS_LOCAL or not is_weak:
        return []
    return [
        Error(
            "SECRET_KEY is missing or short.",
            hint=f"Set it to at least {LONG_ENOUGH} random characters, and keep it secret.",
            id="alongside.E001",
        )
    ]


@register(Tags.security)
def demonstration(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E002: the demonstration lets anybody in as anybody, so it never serves a real site."""
    if settings.IS_LOCAL or not settings.DEMO:
        return []
    return [
        Error(
            "DEMO is on, and SITE_URL is a real address.",
            hint="Unset DEMO: with it anybody can sign in as anybody.",
            id="alongside.E002",
        )
    ]


@register(Tags.security)
def addresses(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E003: SITE_URL must be one of the addresses we answer at, or links in mail lead nowhere."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    if host and any(_matches(host, pattern) for pattern in settings.ALLOWED_HOSTS):
        return []
    return [
        Error(
            "SITE_URL is not among ALLOWED_HOSTS.",
            hint="Add its host to ALLOWED_HOSTS, for example ALLOWED_HOSTS=alongside.example.",
            id="alongside.E003",
        )
    ]


@register(Tags.database, deploy=True)
def database(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W004: SQLite is for the demonstration; a real site has several processes writing."""
    if not settings.IS_SQLITE:
        return []
    return [
        Warning(
            "The database is SQLite.",
            hint="Set DATABASE_URL to a PostgreSQL database.",
            id="alongside.W004",
        )
    ]


@register(Tags.caches, deploy=True)
def redis(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W005: without Redis a second process loses messages, and sign-in limits are counted twice."""
    if settings.REDIS_URL:
        return []
    return [
        Warning(
            "There is no Redis: channels and cache live in one process.",
            hint="Set REDIS_URL.",
            id="alongside.W005",
        )
    ]


@register(Tags.security, deploy=True)
def mail(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W006: mail that is kept in files reaches nobody."""
    if "filebased" not in settings.EMAIL_BACKEND:
        return []
    return [
        Warning(
            "Mail is written to files and reaches nobody.",
            hint="Set EMAIL_URL, for example smtp+tls://user:password@mail.example:587.",
            id="alongside.W006",
        )
    ]


@register(Tags.security, deploy=True)
def safety(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W007: before every form stands whom to ring; a real place has its own numbers for it."""
    if settings.CHILDREN_SAFETY_PHONE and settings.ADULT_SAFETY_PHONE:
        return []
    return [
        Warning(
            "Nobody local is named to ring when somebody is in danger.",
            hint="Set CHILDREN_SAFETY_PHONE and ADULT_SAFETY_PHONE to the council's numbers.",
            id="alongside.W007",
        )
    ]


@register()
def bank_holidays(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W008: a promise that falls after the last bank holiday we know of may be due a day early."""
    if not working_days.runs_out(day=timezone.localdate()):
        return []
    return [
        Warning(
            f"England's bank holidays are known only until {working_days.known_until()}.",
            hint="Bring govuk-bank-holidays up to date: its file is what GOV.UK has published.",
            id="alongside.W008",
        )
    ]


def _matches(host: str, pattern: str) -> bool:
    return pattern in ("*", host) or (pattern.startswith(".") and host.endswith(pattern))
