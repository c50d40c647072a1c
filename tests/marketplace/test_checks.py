"""A misconfiguration is a numbered check; a right one is clean."""

import os
import subprocess
import sys

import pytest

from marketplace import checks

pytestmark = pytest.mark.once

PRODUCTION = {
    "SECRET_KEY": "k7Qw9z" * 12,
    "SITE_URL": "https://alongside.example",
    "ALLOWED_HOSTS": "alongside.example",
    "DATABASE_URL": "postgres://alongside@127.0.0.1:5432/alongside",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "EMAIL_URL": "smtp://127.0.0.1:25",
    "CHILDREN_SAFETY_PHONE": "01632 960100",
    "ADULT_SAFETY_PHONE": "01632 960104",
}


def check_deploy(**environment):
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_production_settings_are_clean():
    done = check_deploy(**PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_real_site_never_runs_with_the_key_that_everybody_knows(scheme):
    known = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}
    done = check_deploy(**known | {"SITE_URL": f"{scheme}://alongside.example"})
    assert done.returncode == 1
    assert "The SECRET_KEY setting must not be empty" in done.stderr


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_misconfiguration_is_named_by_its_number(scheme):
    site = f"{scheme}://alongside.example"
    done = check_deploy(**PRODUCTION | {"SITE_URL": site, "DEMO": "1"})
    assert done.returncode == 1
    assert "alongside.E002" in done.stderr


@pytest.mark.parametrize(
    ("check", "changes", "number"),
    [
        (checks.secret_key, {"IS_LOCAL": False, "SECRET_KEY": "short"}, "alongside.E001"),
        (checks.demonstration, {"IS_LOCAL": False, "DEMO": True}, "alongside.E002"),
        (
            checks.addresses,
            {"SITE_URL": "https://elsewhere.example", "ALLOWED_HOSTS": ["alongside.example"]},
            "alongside.E003",
        ),
        (checks.database, {"IS_SQLITE": True}, "alongside.W004"),
        (checks.redis, {"REDIS_URL": ""}, "alongside.W005"),
        (checks.safety, {"CHILDREN_SAFETY_PHONE": ""}, "alongside.W007"),
        (
            checks.mail,
            {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"},
            "alongside.W006",
        ),
    ],
)
def test_each_check_has_its_number(check, changes, number, settings):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert [message.id for message in check(None)] == [number]


def test_a_subdomain_pattern_covers_its_hosts(settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = (
        "https://a.alongside.example",
        [".alongside.example"],
    )
    assert checks.addresses(None) == []
