"""Demo data are loaded once and whole, and never over anybody else's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from psycopg import sql

from launch.demo_data import inspect, prepare_data
from launch.demo_folder import DemoFolder
from launch.postgres import Postgres
from launch.refusal import Refusal
from launch.storage import Storage, libpq_url


@pytest.fixture
def storage(postgres: Postgres) -> Iterator[Storage]:
    """An empty database."""
    postgres.create_database("shop")
    yield stored(postgres, "shop")
    postgres.drop_database("shop")


def stored(postgres: Postgres, database: str) -> Storage:
    """A database as bin/demo is given it."""
    urls = (postgres.url(role, database) for role in ("portal_owner", "portal_app", "portal_issuer"))
    return Storage(*urls, redis_url="", servers=())


@pytest.fixture
def demo(folder: Path) -> Iterator[DemoFolder]:
    """A demo's folder with its key."""
    with DemoFolder(folder / "demo") as demo:
        demo.secret_key()
        yield demo


class Loader:
    """Loads one row and counts how often; dies half-way when told to."""

    def __init__(self) -> None:
        self.times = 0
        self.dies = False

    def __call__(self, owner_url: str, app_url: str, scale: str, progress) -> dict:
        self.times += 1
        with psycopg.connect(libpq_url(owner_url)) as connection:
            connection.execute("CREATE TABLE loaded AS SELECT %s AS scale", [scale])
        if self.dies:
            raise KeyboardInterrupt
        return self.credentials(str(self.times))

    @staticmethod
    def credentials(client_id: str) -> dict:
        """What the demo's own loader would return of one client."""
        return {
            "users": [],
            "clients": [{"client_id": client_id, "client_secret": "s", "dealer": None, "scopes": []}],
        }

    def renew(self, owner_url: str) -> dict:
        """New credentials for what is there."""
        return self.credentials("renewed")


def prepare(
    storage: Storage, demo: DemoFolder, load: Loader, scale: str | None = None, reset: bool = False
) -> list[str]:
    """Prepare without a progress bar; the clients whose credentials are kept afterwards."""
    prepare_data(
        storage, demo, load, load.renew, scale=scale, reset=reset, progress=lambda step, fraction: None
    )
    return [client["client_id"] for client in demo.credentials()["clients"]]


class Loaded(NamedTuple):
    """Data and a folder after the first start of a demo."""

    storage: Storage
    demo: DemoFolder
    load: Loader


@pytest.fixture(scope="module")
def first_start(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a first start, whose data are in the database `first`: migrating takes seconds."""
    path = tmp_path_factory.mktemp("first") / "demo"
    postgres.create_database("first")
    with DemoFolder(path) as demo:
        demo.secret_key()
        assert prepare(stored(postgres, "first"), demo, Loader()) == ["1"]
    return path


@pytest.fixture
def loaded(postgres: Postgres, first_start: Path, folder: Path) -> Iterator[Loaded]:
    """What the first start has left, for this test alone."""
    postgres.create_database("shop", template="first")
    storage, load = stored(postgres, "shop"), Loader()
    load.times = 1
    with psycopg.connect(libpq_url(stored(postgres, "first").owner_url)) as connection:
        mark = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'first'"
        ).fetchone()[0]
    with psycopg.connect(libpq_url(storage.owner_url)) as connection:  # a copy has no comment
        connection.execute(sql.SQL("COMMENT ON DATABASE shop IS {}").format(mark))
    shutil.copytree(first_start, folder / "demo")
    with DemoFolder(folder / "demo") as demo:
        yield Loaded(storage, demo, load)
    postgres.drop_database("shop")


def tables(storage: Storage) -> set[str]:
    """Names of the tables in the database."""
    with psycopg.connect(libpq_url(storage.owner_url)) as connection:
        return {
            name
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        }


def test_a_second_start_keeps_the_data_and_their_credentials(storage: Storage, demo: DemoFolder):
    load = Loader()
    assert prepare(storage, demo, load) == prepare(storage, demo, load) == ["1"]
    assert load.times == 1 and {"alembic_version", "loaded"} <= tables(storage)


def test_half_loaded_data_are_replaced(storage: Storage, demo: DemoFolder):
    load = Loader()
    load.dies = True
    with pytest.raises(KeyboardInterrupt):
        prepare(storage, demo, load)
    assert inspect(storage.owner_url).scale is None
    load.dies = False
    prepare(storage, demo, load)
    assert load.times == 2 and inspect(storage.owner_url).scale == "small"


def spoil(demo: DemoFolder, name: str, damage: str | bytes | None) -> None:
    """Do something to a file beside the data."""
    path = demo.path / name
    if damage is None:
        path.unlink()
    elif isinstance(damage, bytes):
        path.write_bytes(damage)
    else:
        path.write_text(damage)


DAMAGE: list[str | bytes | None] = [
    None,
    "",
    " ",
    "{",
    "[]",
    "{}",
    "null",
    "0",
    b"\xff\xfe\x00",
    b"\x00" * 512,
    "[" * 100_000,
    '{"users": {}, "clients": []}',
    '{"users": [], "clients": [1]}',
    '{"users": [], "clients": [{"client_id": "1"}]}',
    '{"version": 2, "people": []}',
]


@pytest.mark.parametrize("name", ["credentials.json", "load_id", "secret_key"])
def test_whatever_becomes_of_the_files_beside_them_loaded_data_are_kept(loaded: Loaded, name: str):
    storage, demo, load = loaded
    with psycopg.connect(libpq_url(storage.owner_url)) as connection:
        connection.execute("CREATE TABLE placed AS SELECT 1 AS order_by_a_person")
    for damage in DAMAGE:
        spoil(demo, name, damage)
        assert len(demo.secret_key()) >= 32
        assert prepare(storage, demo, load) == (["1"] if name == "secret_key" else ["renewed"]), damage
        assert load.times == 1 and {"loaded", "placed"} <= tables(storage), damage
        assert prepare(storage, demo, load) == (["1"] if name == "secret_key" else ["renewed"])


def test_an_older_half_written_file_is_no_hindrance(loaded: Loaded):
    storage, demo, load = loaded
    (demo.path / "credentials.json.half").write_text('{"users": [')
    assert prepare(storage, demo, load) == ["1"]


@pytest.mark.parametrize(
    "mark",
    [
        "Tonglu demo data",
        "Tonglu demo data, small",
        "Tonglu demo data, huge, 1",
        "Tonglu demo data, small, 1, v2",
    ],
)
def test_a_mark_that_is_not_understood_is_no_reason_to_delete(loaded: Loaded, mark: str):
    storage, demo, load = loaded
    with psycopg.connect(libpq_url(storage.owner_url), autocommit=True) as connection:
        connection.execute(f"COMMENT ON DATABASE shop IS '{mark}'")
    with pytest.raises(Refusal, match=r"does not know.*--reset"):
        prepare(storage, demo, load)
    assert load.times == 1 and "loaded" in tables(storage)
    assert prepare(storage, demo, load, reset=True) == ["2"]


def test_a_mark_that_is_gone_makes_the_data_a_strangers(loaded: Loaded):
    storage, demo, load = loaded
    with psycopg.connect(libpq_url(storage.owner_url), autocommit=True) as connection:
        connection.execute("COMMENT ON DATABASE shop IS NULL")
    for reset in (False, True):
        with pytest.raises(Refusal, match="did not make"):
            prepare(storage, demo, load, reset=reset)
    assert load.times == 1 and "loaded" in tables(storage)


def test_another_scale_is_loaded_only_when_starting_over(loaded: Loaded):
    storage, demo, load = loaded
    with pytest.raises(Refusal, match="the small data are loaded; add --reset"):
        prepare(storage, demo, load, scale="large")
    prepare(storage, demo, load, scale="large", reset=True)
    assert inspect(storage.owner_url).scale == "large"


@pytest.mark.parametrize("reset", [False, True])
def test_a_database_with_other_tables_is_never_touched(storage: Storage, demo: DemoFolder, reset: bool):
    with psycopg.connect(libpq_url(storage.owner_url)) as connection:
        connection.execute("CREATE TABLE payroll AS SELECT 1 AS salary")
    load = Loader()
    with pytest.raises(Refusal, match="did not make"):
        prepare(storage, demo, load, reset=reset)
    assert load.times == 0 and tables(storage) == {"payroll"}


@pytest.mark.parametrize("revision", ["0001", "0018"])
def test_a_schema_from_before_the_baseline_is_told_the_way(loaded: Loaded, revision: str):
    storage, demo, load = loaded
    with psycopg.connect(libpq_url(storage.owner_url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
    with pytest.raises(Refusal, match=f"at revision {revision}.* Bring it to 0019 .*--reset"):
        prepare(storage, demo, load)
    prepare(storage, demo, load, reset=True)
    assert load.times == 2


def test_a_newer_schema_is_not_served(loaded: Loaded):
    storage, demo, load = loaded
    with psycopg.connect(libpq_url(storage.owner_url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refusal, match="stands at revision 9999 and is newer than this copy"):
        prepare(storage, demo, load)
