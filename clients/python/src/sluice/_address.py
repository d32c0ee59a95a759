"""Where the server is and which token it gets, when the caller does not say."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

DEFAULT_ADDRESS = "127.0.0.1:7070"
# A token is a line; a longer file is something else and must not travel in a header.
TOKEN_BYTES_MAX = 8192


def resolve_address(address: str | None) -> str:
    """The address the caller gave, else the environment's, else the default."""
    return address or os.environ.get("SLUICE_ADDRESS") or DEFAULT_ADDRESS


def is_loopback(address: str) -> bool:
    """Whether an address can only be this machine.

    A form it does not know is not loopback: the answer decides whether the admin token is sent.
    """
    if address.startswith(("unix:", "unix-abstract:")):
        return True
    host, colon, port = address.removeprefix("dns:///").rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()):
        return False
    if host.lower() == "localhost":
        return True
    bracketed = host.startswith("[") and host.endswith("]")
    try:
        ip = ipaddress.ip_address(host[1:-1] if bracketed else host)
    except ValueError:
        return False
    return ip.is_loopback and bracketed == (ip.version == 6)


def default_token(address: str) -> str:
    """The environment's token, or this user's admin token when the server is on this machine; "" for none."""
    token = os.environ.get("SLUICE_TOKEN", "").strip()
    if token or not is_loopback(address):
        return token
    return read_token_file(admin_token_file())


def admin_token_file() -> Path:
    state = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(state):  # The XDG rules: a relative path is as good as none.
        state = os.path.expanduser("~/.local/state")
    return Path(state) / "sluice" / "admin-token"


def read_token_file(path: Path) -> str:
    """The token in a file, or "" when there is none to read.

    Reading needs no token, and a write without one gets the server's own words.
    """
    try:
        with path.open("rb") as file:
            content = file.read(TOKEN_BYTES_MAX + 1)
        token = content.decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return token if len(content) <= TOKEN_BYTES_MAX and is_header_text(token) else ""


def is_header_text(text: str) -> bool:
    """Whether gRPC can carry a text in a header as it is."""
    return all("!" <= letter <= "~" for letter in text)
