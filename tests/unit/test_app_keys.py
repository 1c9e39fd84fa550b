"""What opens doors: the site's tokens, the owner token, the lock on the data folder."""

from pathlib import Path

import jwt
import pytest

from kept.app.lock import FolderLock, is_running
from kept.app.owner import is_owner_token, make_owner_token, owner_token_once
from kept.app.site_token import BadToken, account_named
from kept.base.errors import InUse

NOW_MS = 1_800_000_000_000
NOW = NOW_MS // 1000
SECRET = "sk_" + "s" * 43


def signed(secret: str = SECRET, algorithm: str = "HS256", **claims: object) -> str:
    return jwt.encode({"sub": "ana", "exp": NOW + 300, **claims}, secret, algorithm)


@pytest.mark.parametrize(
    ("token", "found"),
    [
        (signed(), "ana"),
        (signed(exp=NOW - 10), "ana"),  # clocks differ a little
        (signed(exp=NOW - 60), BadToken.EXPIRED),
        (signed(exp=NOW + 629), "ana"),
        (signed(exp=NOW + 631), BadToken.TOO_LONG),
        (signed(exp=NOW + 86_400), BadToken.TOO_LONG),
        (signed("sk_" + "e" * 43), BadToken.INVALID),
        (signed(sub=""), BadToken.INVALID),
        (signed()[:-2], BadToken.INVALID),
        (jwt.encode({"sub": "ana", "exp": NOW + 300}, "", "none"), BadToken.INVALID),
        (jwt.encode({"sub": "ana"}, SECRET, "HS256"), BadToken.INVALID),
        ("", BadToken.INVALID),
    ],
)
def test_only_a_fresh_token_of_the_site_names_an_account(token: str, found: object) -> None:
    assert account_named(token, (SECRET,), NOW_MS) == found


def test_the_owner_token_is_kept_as_a_hash_and_a_new_one_replaces_it(tmp_path: Path) -> None:
    first = owner_token_once(tmp_path) or ""
    assert owner_token_once(tmp_path) is None
    assert is_owner_token(tmp_path, first)
    assert all(first.encode() not in path.read_bytes() for path in tmp_path.iterdir())
    second = make_owner_token(tmp_path)
    assert is_owner_token(tmp_path, second)
    assert not is_owner_token(tmp_path, first)


def test_a_second_start_on_the_folder_refuses_and_says_who_runs(tmp_path: Path) -> None:
    with FolderLock(tmp_path):
        assert is_running(tmp_path)
        with pytest.raises(InUse, match="already runs") as refused, FolderLock(tmp_path):
            pass
        assert "process" in refused.value.why
    assert not is_running(tmp_path)
    with FolderLock(tmp_path):
        pass
