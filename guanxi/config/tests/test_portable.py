"""`guanxi set output` and `guanxi set input` at the terminal, and the files of a scheduled backup (M22.2)."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from guanxi.config import account_sets, command
from guanxi.config.terminal import Quit
from guanxi.kernel.sets.models import AccountSet


def run(*words: object) -> int:
    return account_sets.run(command.parser().parse_args(["set", *map(str, words)]))


@pytest.fixture(autouse=True)
def own_folder(fresh_database: Any, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def test_a_set_goes_out_and_comes_in_again_with_words_that_say_what_to_do(tmp_path, capsys):
    file = tmp_path / "alpha.tar"
    assert run("output", "alpha", file) == 0
    seal, shown = capsys.readouterr().out.split()
    assert len(seal) == 64 and shown == str(file)
    assert run("input", file, "--as", "restored", "--dry-run", "--seal", seal) == 0
    assert "is whole: “Alpha” (alpha)" in capsys.readouterr().err and not AccountSet.objects.filter(key="restored").exists()
    assert run("input", file, "--as", "restored", "--name", "Try out", "--seal", seal) == 0
    said = capsys.readouterr().err
    assert "took in the account set restored, “Try out”" in said and "each equal by hash" in said and "switched off" in said
    assert AccountSet.objects.get(key="restored").name == "Try out"
    with pytest.raises(Quit, match="already an account set “restored”"):
        run("input", file, "--as", "restored")
    with pytest.raises(Quit, match="never written over"):
        run("output", "alpha", file)


def test_the_backup_keeps_the_newest_of_each_set_and_touches_nothing_else(tmp_path, capsys):
    folder = tmp_path / "backup"
    folder.mkdir()
    old = [f"{key}-2025010{day}T020000Z.guanxi.tar" for key in ("alpha", "beta", "alpha_2") for day in (1, 2, 3)]
    others = ["alpha-20250101T020000Z.guanxi.tar.gpg", "alpha-notes.txt", "beta-20250102T020000Z.guanxi.tarnew.part"]
    for name in (*old, *others, "alpha-20250101T020000Z.guanxi.tarold.part"):
        (folder / name).touch()
    os.utime(folder / "alpha-20250101T020000Z.guanxi.tarold.part", (0, time.time() - 90_000))
    assert run("output", "--all", folder, "--keep", "2") == 0
    left = {path.name for path in folder.iterdir()}
    made = left - {*old, *others}
    assert sorted(name.split("-")[0] for name in made) == ["alpha", "beta"] and all(name.endswith(".guanxi.tar") for name in made)
    of_another = {name for name in old if name.startswith("alpha_2")}
    assert left == {*made, *others, *of_another, "alpha-20250103T020000Z.guanxi.tar", "beta-20250103T020000Z.guanxi.tar"}
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_set_that_fails_stops_no_other_and_loses_no_backup(tmp_path, capsys):
    AccountSet.objects.filter(key="alpha").update(stamp="behind")
    kept = [tmp_path / f"alpha-2025010{day}T020000Z.guanxi.tar" for day in (1, 2)]
    for path in kept:
        path.touch()
    assert run("output", "--all", tmp_path, "--keep", "1") == 1
    assert all(path.exists() for path in kept) and len(list(tmp_path.glob("beta-*"))) == 1
    assert "guanxi set migrate alpha" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("alpha",), (), ("alpha", "x.tar", "--keep", "3"), ("alpha", "--all", "x"), ("--all", "x", "--keep", "0")])
def test_a_command_that_says_too_little_or_too_much_is_asked_again(words):
    with pytest.raises(Quit, match="Say "):
        run("output", *words)
