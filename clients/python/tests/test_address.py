from __future__ import annotations

import os
from pathlib import Path

import pytest

import sluice
from sluice._address import TOKEN_BYTES_MAX, default_token, is_loopback, resolve_address
from sluice._transport import channel_options

from .conftest import FakeServer


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:7070", "127.9.9.9:1", "[::1]:7070", "localhost:7070", "LOCALHOST:1", "dns:///localhost:7070", "unix:/run/s", "unix-abstract:s"],
)
def test_loopback_addresses_are_loopback(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1:7070",
        "localhost.evil.example:7070",
        "127.0.0.1.evil.example:7070",
        "127.0.0.1",
        "",
        "::1:7070",
        "127.0.0.1:1,10.0.0.1:2",
        "ipv4:127.0.0.1:1,10.0.0.1:2",
        "dns://8.8.8.8/localhost:7070",
        "0.0.0.0:7070",
        "[::]:7070",
        "xds:///localhost:7070",
        "[127.0.0.1]:7070",
    ],
)
def test_other_addresses_are_not(address: str) -> None:
    assert not is_loopback(address)


def set_token_file(monkeypatch: pytest.MonkeyPatch, folder: Path, content: bytes) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    (folder / "sluice").mkdir(exist_ok=True)
    (folder / "sluice" / "admin-token").write_bytes(content)


def test_the_admin_token_is_found_on_loopback_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_token_file(monkeypatch, tmp_path, b"secret\n")
    assert default_token("127.0.0.1:7070") == "secret"
    assert default_token("10.0.0.1:7070") == ""


def test_the_environments_token_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_token_file(monkeypatch, tmp_path, b"secret")
    monkeypatch.setenv("SLUICE_TOKEN", " mine \n")
    assert default_token("127.0.0.1:7070") == default_token("10.0.0.1:7070") == "mine"


@pytest.mark.parametrize("content", [b"", b"two\nlines", b"\0", b"\xff", b"x" * (TOKEN_BYTES_MAX + 1)])
def test_a_file_that_holds_no_token_is_no_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    set_token_file(monkeypatch, tmp_path, content)
    assert default_token("127.0.0.1:7070") == ""


def test_the_address_comes_from_the_caller_the_environment_or_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve_address(None) == "127.0.0.1:7070"
    monkeypatch.setenv("SLUICE_ADDRESS", "example:1")
    assert resolve_address(None) == "example:1"
    assert resolve_address("given:2") == "given:2"


def test_connect_refuses_to_send_a_token_away_in_plain_text() -> None:
    with pytest.raises(ValueError) as refusal:
        sluice.connect("10.0.0.1:7070", token="secret")
    assert "secret" not in str(refusal.value)
    sluice.connect("10.0.0.1:7070", token="secret", allow_plaintext=True).close()
    sluice.connect("10.0.0.1:7070", token="").close()
    with pytest.raises(ValueError):
        sluice.connect("127.0.0.1:1", token="a\nb")


def test_every_call_carries_the_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: FakeServer
) -> None:
    set_token_file(monkeypatch, tmp_path, b"secret")
    with sluice.connect(server.address) as client:
        with pytest.raises(sluice.Unimplemented):
            client.database("d").table("t")
        assert server.metadata["authorization"] == "Bearer secret"
        with pytest.raises(sluice.Unimplemented):
            client.database("d").query("SELECT 1")
        assert server.metadata["authorization"] == "Bearer secret"
    assert server.metadata["user-agent"].startswith("sluice-python/")


def test_loopback_never_goes_through_a_proxy() -> None:
    assert ("grpc.enable_http_proxy", 0) in channel_options("127.0.0.1:7070")
    assert ("grpc.enable_http_proxy", 0) not in channel_options("10.0.0.1:7070")


def test_the_home_folder_stands_in_for_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    os.makedirs(tmp_path / ".local/state/sluice")
    (tmp_path / ".local/state/sluice/admin-token").write_text("at-home")
    assert default_token("localhost:7070") == "at-home"
