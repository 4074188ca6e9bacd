"""The catalogs of all modules as one."""

from django.utils import translation
from django.utils.translation import trans_real

from guanxi.config.languages import join_catalogs


def test_every_text_is_the_same_when_all_stand_in_one_catalog():
    kept, trans_real._translations = trans_real._translations, {}
    try:
        catalog = trans_real.translation("zh-hans")._catalog
        words = {key for key, _text in catalog.items() if isinstance(key, str) and key}
        before, many = {word: catalog.get(word) for word in words}, len(catalog._catalogs)
        join_catalogs()
        assert many > 50
        assert len(catalog._catalogs) == 1
        assert {word: catalog.get(word) for word in words} == before
        with translation.override("zh-hans"):
            assert translation.ngettext("%(n)s row", "%(n)s rows", 2) == catalog.plural("%(n)s row", 2)
    finally:
        trans_real._translations = kept
