"""What every test stands on: a clean database, no network, and no mail that leaves."""

import functools
import gc
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase, override_settings

from marketplace.sharing import gate
from tests import databases
from tests.stage import cast, cast_today  # noqa: F401 - fixtures: who is who

HERE = ("127.", "::1", "localhost")
# What takes longest, longest first: begun last, it would leave the other processes idle.
LONGEST = (
    "test_matrix.py",
    "test_look_at_work.py",
    "test_look.py",
    "test_seed_demo.py",
    "test_ladder.py",
    "test_hidden.py",
    "test_canaries.py",
    "test_openings.py",
    "test_sample_1.py",
    "test_sample_2.py",
    "test_sample_3.py",
    "test_sample_4.py",
    "test_checks.py",
    "test_retention.py",
    "test_denied.py",
    "test_family_pages.py",
    "test_family_secrets.py",
    "test_withdrawal.py",
)


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what is loaded for good: it would walk it for each test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, and leave out what needs PostgreSQL on SQLite."""
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(LONGEST)))
    if connection.vendor == "postgresql":
        return
    left_out = [item for item in items if item.get_closest_marker("postgres")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("postgres")]


def _worker(config: pytest.Config) -> str:
    return str(getattr(config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session", autouse=True)
def plain_settings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Be quick with passwords and static files; keep processes apart in a shared Redis."""
    changes: dict[str, Any] = {
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        # Else WhiteNoise lists every file again for each test's browser.
        "WHITENOISE_AUTOREFRESH": True,
    }
    if settings.REDIS_URL:
        number = int("0" + "".join(filter(str.isdigit, _worker(request.config)))) + 1
        address = f"{settings.REDIS_URL.rsplit('/', 1)[0]}/{number}"
        kept: Any = settings.CACHES["default"]
        layer: Any = settings.CHANNEL_LAYERS["default"]
        changes["CACHES"] = {"default": {**kept, "LOCATION": address}}
        changes["CHANNEL_LAYERS"] = {
            "default": {**layer, "CONFIG": {**layer["CONFIG"], "hosts": [address]}}
        }
        changes["REDIS_URL"] = address
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)  # WhiteNoise warns where there is none
    with override_settings(**changes):
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """Give this process its clone of the migrated template."""
    with django_db_blocker.unblock():
        name = databases.clone(_worker(request.config))
    yield
    with django_db_blocker.unblock():
        databases.drop(name)


@pytest.fixture(scope="session", autouse=True)
def restored_not_flushed() -> Iterator[None]:
    """After a test that commits, restore the template instead of flushing every table.

    Django's flush would take Wagtail's root page, site and locale with it for good, and stop at the
    triggers that keep ledger rows and events from being deleted.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: databases.restore())
        yield


@pytest.fixture(autouse=True)
def _nothing_kept_in_the_cache() -> Iterator[None]:
    yield
    cache.clear()


# What the gate's kept condition is made of.
OF_THE_GATE = ("marketplace.sharing", "marketplace.people", "budgets")


@pytest.fixture(autouse=True)
def _gate_written_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a test that switches something off have it off in the gate's kept condition too."""
    real: dict[str, Any] = {"setattr": monkeypatch.setattr, "setitem": monkeypatch.setitem}
    touched: list[str] = []

    def patch(how: str, target: Any, *args: Any, **kwargs: Any) -> None:
        of = str(getattr(target, "__module__", None) or getattr(target, "__name__", ""))
        if how == "setitem" or of.startswith(OF_THE_GATE):
            touched.append(of)
            gate.written.cache_clear()
        real[how](target, *args, **kwargs)

    for how in real:
        setattr(monkeypatch, how, functools.partial(patch, how))
    yield
    if touched:
        gate.written.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def network_off() -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(HERE):
            raise AssertionError(f"A test tried to reach {address}: the network is off.")
        real(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield
