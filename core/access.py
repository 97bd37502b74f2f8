"""Who may train from the pages, and on which folders.

Where others can reach the app (a public Space, an address beyond this machine, a proxy in front) its training page is for
looking only, unless an admin token is set and given. The token stands in no address and in no log.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import psutil

from core.settings import settings
from core.uploads import InputError

log = logging.getLogger("cardioscope")
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-Ip")  # what a proxy adds
LONGEST, PATIENCE = 8.0, 20.0  # seconds: a wrong token costs at most, and waits in line at most

_line = threading.Lock()  # one attempt at a time, whoever makes it
_wrong = [0]  # wrong tokens since the last right one


def open_to_others(headers: Mapping[str, str], environment: Mapping[str, str] | None = None,
                   listening: Iterable[str] | None = None) -> str:
    """Why others than the person at this machine can reach the app, as a sentence; empty where they cannot.

    Args:
        headers: of the page's request. environment: of the process. listening: the addresses that it listens on; whoever
            starts the server may give another one than the settings do.
    """
    environment = os.environ if environment is None else environment
    if environment.get("SPACE_ID"):
        return "This is a public Space."
    for address in (settings.host, *(_listening() if listening is None else listening)):
        if not _loopback(address):
            return f"The app listens on {address}, beyond this machine."
    if any(headers.get(name) for name in FORWARDED):
        return "The app is reached through a proxy."
    host = _bare(headers.get("Host") or "localhost")
    return "" if _loopback(host) else f"The app is reached as {host}, not as this machine."


def admits(given: str, wait: Callable[[float], None] = time.sleep) -> bool:
    """Whether it is the admin token. A wrong one is answered late, and all attempts wait for each other.

    Raises:
        InputError: too many attempts are waiting.
    """
    if not token_is_set():
        return False
    if not _line.acquire(timeout=PATIENCE):
        raise InputError("token", "Too many tokens are being tried.", "Try again in a minute.")
    try:
        right = hmac.compare_digest(given.encode(), settings.admin_token.get_secret_value().encode())
        _wrong[0] = 0 if right else _wrong[0] + 1
        if not right:
            log.warning("a wrong admin token was given, %d in a row", _wrong[0])
            wait(min(2.0 ** (_wrong[0] - 1), LONGEST))
        return right
    finally:
        _line.release()


def token_is_set() -> bool:
    """An empty token is none."""
    return settings.admin_token is not None and bool(settings.admin_token.get_secret_value())


def roots() -> tuple[Path, ...]:
    """The folders that datasets may lie in: those of the settings, and that of the runs, for generated data."""
    return tuple(dict.fromkeys(root.resolve() for root in (*settings.data_roots, settings.runs)))


def below_roots(field: str, path: Path) -> Path:
    """The file or folder with its links resolved.

    Raises:
        InputError: it lies, or leads, elsewhere.
    """
    there = path.expanduser().resolve()
    if not any(there.is_relative_to(root) for root in roots()):
        raise InputError(field, f"{path} is not below a folder that this page may read.",
                         f"Put it below {' or '.join(map(str, roots()))}, or add its folder to CARDIOSCOPE_DATA_ROOTS.")
    return there


def _listening() -> set[str]:
    try:
        return {c.laddr.ip for c in psutil.Process().net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    except psutil.Error:  # the settings alone then
        return set()


def _bare(host: str) -> str:
    """Without its port; ``[::1]:7860`` is ``::1``."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def _loopback(host: str) -> bool:
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
