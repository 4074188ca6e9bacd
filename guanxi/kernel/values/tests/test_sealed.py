"""Secrets that are used again are kept so that the database alone tells nobody."""

import pytest

from guanxi.kernel.values.sealed import Unreadable, seal, unseal


def test_what_is_sealed_comes_back_and_looks_different_each_time():
    one, two = seal("whsec_秘密"), seal("whsec_秘密")
    assert (unseal(one), unseal(two)) == ("whsec_秘密", "whsec_秘密")
    assert one != two and "whsec" not in one


def test_under_another_installation_s_secret_it_cannot_be_read(settings):
    sealed = seal("secret")
    settings.GUANXI_SEALING_KEY = "B" * 43
    with pytest.raises(Unreadable):
        unseal(sealed)
