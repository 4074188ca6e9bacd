"""Unified social credit codes after GB 32100-2015 (M1.1)."""

import pytest
from django.core.exceptions import ValidationError

from guanxi.shared.parties.credit_codes import SIGNS, check_credit_code, check_sign, normalise

# Published codes of well-known companies and of a university.
VALID = ["91350100M000100Y43", "91110108551385082Q", "91440300708461136T", "91310000132612172J", "12100000400002259P"]


@pytest.mark.parametrize("code", VALID)
def test_a_code_from_a_business_licence_is_taken(code):
    check_credit_code(code)


@pytest.mark.parametrize("text", ["91350100 M000100Y43", "91350100m000100y43", "９１３５０１００Ｍ０００１００Ｙ４３", "91350100-M000100Y-43"])
def test_spaces_small_letters_wide_signs_and_hyphens_do_not_matter(text):
    check_credit_code(text)
    assert normalise(text) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("91350100M000100Y4", "18 characters; this has 17"),
        ("91350100M000100Y433", "18 characters; this has 19"),
        ("91350100I000100Y43", "“I” does not occur"),
        ("91350100S000100Z43", "“SZ” does not occur"),
        ("9135A100M000100Y43", "Characters 3 to 8"),
        ("91350100M000100Y44", "last character does not fit"),
        ("91350100M000010Y43", "last character does not fit"),
    ],
)
def test_a_wrong_code_is_explained(code, says):
    with pytest.raises(ValidationError) as refusal:
        check_credit_code(code)
    assert says in refusal.value.message


@pytest.mark.parametrize("code", VALID)
def test_every_single_wrong_sign_is_noticed(code):
    for place in range(17):
        for sign in SIGNS:
            if sign != code[place]:
                assert check_sign(code[:place] + sign + code[place + 1 : 17]) != code[17]


def test_the_alphabet_is_the_standard_s():
    assert len(SIGNS) == 31 and not set(SIGNS) & set("IOSVZ")
