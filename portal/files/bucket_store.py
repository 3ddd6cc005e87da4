"""Files in a bucket of any store that speaks S3: a cloud's, MinIO, Ceph, an appliance's.

Credentials are the usual ones of the process (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, or the role
of the machine); they are in no address, which logs and error pages might show.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from portal.files.stored import Stored

_OPTIONS = frozenset({"endpoint", "region", "addressing"})
_PATIENCE = timedelta(seconds=30)
_RETRIES = 2


class BucketStore:
    """Objects by key, below a prefix. Each is written by one request: whole, or not at all."""

    def __init__(self, url: str) -> None:
        """url: ``s3://bucket/prefix?endpoint=https://host&region=…&addressing=path|host``.

        Without an endpoint it is Amazon's. Raises ValueError for an address that is not understood.
        """
        parts = urlsplit(url)
        options = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        if not parts.netloc or set(options) - _OPTIONS or any(len(values) > 1 for values in options.values()):
            raise ValueError(f"files are kept in s3://bucket/prefix?endpoint=…&region=…, not in {url!r}")
        said = {name: values[0] for name, values in options.items()}
        endpoint = said.get("endpoint")
        addressing = said.get("addressing", "path" if endpoint else "host")
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            endpoint=endpoint,
            region=said.get("region", "us-east-1"),
            virtual_hosted_style_request=addressing == "host",
            client_options={
                "timeout": _PATIENCE,
                "allow_http": endpoint is not None and endpoint.startswith("http:"),
            },
            retry_config={"max_retries": _RETRIES, "retry_timeout": _PATIENCE},
        )

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes; the store has them for good when it has answered."""
        with _told():
            obstore.put(self._store, key, content, use_multipart=False)

    def get(self, key: str) -> bytes:
        """What was kept under a key."""
        with _told():
            return obstore.get(self._store, key).bytes().to_bytes()

    def delete(self, key: str) -> None:
        """Keep it no longer."""
        with _told():
            obstore.delete(self._store, key)

    def everything(self) -> Iterator[Stored]:
        """All objects below the prefix."""
        with _told():
            for some in obstore.list(self._store):
                for one in some:
                    yield Stored(one["path"].rpartition("/")[2], one["last_modified"])


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong as whoever uses a store expects it."""
    try:
        yield
    except NotFoundError as error:
        raise FileNotFoundError(str(error)) from error
    except BaseError as error:
        raise OSError(str(error)) from error
