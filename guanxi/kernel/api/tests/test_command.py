"""Keys from the terminal."""

import pytest

from guanxi.config.people import new_key, switch
from guanxi.config.terminal import Quit
from guanxi.kernel.api.tests.conftest import Program


class TestKeysFromTheTerminal:
    def test_a_key_is_printed_once_and_ends_with_the_person(self, rolled_back, capsys):
        new_key("admin", "alpha", "scanner", True)
        program = Program(capsys.readouterr().out.strip())
        assert program.get("customers").status_code == 200
        assert program.post("customers", {"name": "A"}).status_code == 403
        switch("admin", False)
        assert program.get("customers").status_code == 401

    def test_nobody_gets_none(self, rolled_back):
        with pytest.raises(Quit, match="no active member"):
            new_key("nobody", "alpha", "x", False)
