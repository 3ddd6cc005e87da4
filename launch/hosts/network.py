"""Hosts as network namespaces that share a bridge. Linux, as root."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from launch.lock import FolderLock
from launch.process import runs, wait_until
from launch.refusal import Refusal

BRIDGE = "tonglu0"
_NAMESPACE = "tonglu-"
_LOCK = Path("/run/tonglu-cluster.lock")
_GONE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Host:
    """A namespace with one address."""

    name: str
    address: str

    @property
    def namespace(self) -> str:
        """Its name for `ip netns`."""
        return _NAMESPACE + self.name

    @property
    def cable(self) -> str:
        """The end of its veth pair that is plugged into the bridge."""
        return f"tl-{self.name}"

    def within(self, command: list[str]) -> list[str]:
        """A command as it runs on this host."""
        return ["ip", "netns", "exec", self.namespace, *command]

    def cut(self) -> None:
        """Pull the cable: what runs goes on and reaches nobody."""
        _ip("link", "set", self.cable, "down")

    def mend(self) -> None:
        """Plug the cable in again."""
        _ip("link", "set", self.cable, "up")

    def processes(self) -> list[int]:
        """Everything that runs here."""
        found = subprocess.run(
            ["ip", "netns", "pids", self.namespace], capture_output=True, text=True, check=False
        )
        return [int(number) for number in found.stdout.split()]

    def die(self) -> None:
        """Power off: everything here is killed, and nobody hears of it."""
        self.cut()
        self.clear()

    def clear(self) -> None:
        """Kill everything that runs here, what is started meanwhile included."""

        def none_left() -> bool:
            living = [number for number in self.processes() if _runs(number)]
            for number in living:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            return not living

        if not wait_until(none_left, _GONE_SECONDS, pause=0.05):
            raise Refusal(f"what runs in {self.namespace} cannot be ended")


def _runs(number: int) -> bool:
    try:
        return runs(psutil.Process(number))
    except psutil.Error:
        return False


class Network:
    """The bridge and its hosts, for the length of a `with` block.

    What an earlier start left is taken away.
    """

    def __init__(self, prefix: str, hosts: Iterable[Host]) -> None:
        self.prefix = prefix
        self.hosts = tuple(hosts)
        # Namespaces are the machine's: whoever starts a second cluster would take away those of the first.
        self._lock = FolderLock(_LOCK, "a cluster already runs on this machine (process {pid}); stop it")

    def __enter__(self) -> Network:
        self._lock.acquire()
        try:
            self._begin()
        except BaseException:
            self._lock.release()
            raise
        return self

    def _begin(self) -> None:
        self._remove()
        if f"{self.prefix}." in _ip("route", "show"):
            raise Refusal(f"this machine uses {self.prefix}.0/24 itself; choose another network (--network)")
        try:
            self._make()
        except BaseException:
            self._remove()
            raise

    def __exit__(self, *_: object) -> None:
        self._remove()
        self._lock.release()

    def _make(self) -> None:
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{self.prefix}.1/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for host in self.hosts:
            space = ["-n", host.namespace]
            _ip("netns", "add", host.namespace)
            _ip("link", "add", host.cable, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
            _ip("link", "set", host.cable, "master", BRIDGE, "up")
            _ip(*space, "address", "add", f"{host.address}/24", "dev", "eth0")
            _ip(*space, "link", "set", "lo", "up")
            _ip(*space, "link", "set", "eth0", "up")

    def _remove(self) -> None:
        """Also hosts of a start that had more of them."""
        there = [line.split()[0] for line in _ip("netns", "list").splitlines() if line]
        for namespace in there:
            if namespace.startswith(_NAMESPACE):
                left = Host(namespace.removeprefix(_NAMESPACE), "")
                left.clear()
                _ip("netns", "delete", namespace)
        links = subprocess.run(["ip", "link", "show", BRIDGE], capture_output=True, check=False)
        if links.returncode == 0:
            _ip("link", "delete", BRIDGE)


def _ip(*arguments: str) -> str:
    """What `ip` says. Raises Refusal with its reason."""
    ended = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Refusal(f"ip {' '.join(arguments)}: {ended.stderr.strip()}")
    return ended.stdout
