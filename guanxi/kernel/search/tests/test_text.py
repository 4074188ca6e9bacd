"""How texts become words, and how Chinese is read and sorted."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.kernel.search.reading import pinyin, sort_key
from guanxi.kernel.search.text import digits_tail, number_tokens, phone_tokens, query_terms, syllables_typed, title_tokens, tokens
from guanxi.kernel.search.tsquery import leaf, tsqueries


@pytest.mark.parametrize(
    ("text", "full", "initials"),
    [
        ("华为技术有限公司", "huaweijishuyouxiangongsi", "hwjsyxgs"),
        ("长沙银行", "changshayinhang", "csyh"),
        ("厦门大厦", "xiamendasha", "xmds"),
        ("重庆乐天音乐", "chongqingletianyinyue", "cqltyy"),
        ("吕布", "lvbu", "lb"),
        ("ACME（上海）3M公司", "acmeshanghai3mgongsi", "acmesh3mgs"),
        ("", "", ""),
    ],
)
def test_polyphones_are_read_as_their_phrase_says(text, full, initials):
    assert pinyin(text) == (full, initials)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("曾国藩", "zengguofan"), ("单田芳", "shantianfang"), ("仇英", "qiuying"), ("解晓东", "xiexiaodong"), ("尉迟恭", "yuchigong"),
        ("长孙无忌", "zhangsunwuji"), ("乐毅", "yueyi"), ("万俟卨", "moqixie"),
    ],
)  # fmt: skip
def test_surnames_are_read_as_surnames(name, full):
    assert pinyin(name)[0] == full


def test_words_that_only_look_like_names_are_read_as_words():
    assert [pinyin(word)[0] for word in ("单位", "解决", "区别", "乐观")] == ["danwei", "jiejue", "qubie", "leguan"]


def test_a_name_is_found_in_both_readings_of_its_surname():
    assert {"zengguo", "cengguo", "^zengguo", "^cengguo"} <= tokens("曾国藩") | title_tokens("曾国藩")


def test_sorting_follows_syllable_then_tone_then_character():
    names = ["张伟", "章三", "占山", "张三", "赵六", "Zara", "阿里", "Abel", "李四", "黎明", "吕布", "绿地", "华为", "Huawei"]
    assert sorted(names, key=sort_key) == [
        "阿里", "Abel", "华为", "Huawei", "黎明", "李四", "吕布", "绿地", "Zara", "占山", "张三", "张伟", "章三", "赵六",
    ]  # fmt: skip


def test_a_sort_key_is_short_enough_for_its_column():
    assert len(sort_key("龘" * 500, 60)) == 60


@pytest.mark.parametrize(
    ("phone", "tail"),
    [
        ("+86 138-1234-8000", "13812348000"),
        ("(021) 5555 1234 转 8", "02155551234"),
        ("１３８１２３４８０００", "13812348000"),
        ("+44 7911 123456 ext. 12", "47911123456"),
        ("none", ""),
    ],
)
def test_a_phone_is_the_same_however_it_is_written(phone, tail):
    assert digits_tail(phone) == tail


def test_a_name_becomes_pairs_sounds_and_initials():
    assert tokens("华为技术") == {"华为", "为技", "技术", "术", "huawei", "weiji", "jishu", "shu", "hwjs", "wjs", "js", "s"}


def test_one_word_stands_for_those_of_the_usual_ending():
    assert tokens("恒启有限公司") == {"恒启", "启有", "有限公司", "hengqi", "qiyou", "hqyx", "qyxg"}
    assert tokens("有限公司") == {"有限公司"}
    assert tokens("公司") == {"公司", "司", "gongsi", "si", "gs", "s"}
    asked = {token: leaf(token) for token in ("有限", "限公", "公司", "司", "gongsi", "si", "yxgs", "s", "公", "gong", "恒启", "^有限")}
    assert {token for token, query in asked.items() if "'有限公司'" in query} == {"有限", "限公", "公司", "司", "gongsi", "si", "yxgs", "s"}
    assert leaf("gong", begun=True, rights=["see"]) == "('gong':* | 'see:gong':* | '有限公司' | 'see:有限公司')"


def test_signs_inside_a_chinese_name_part_nothing():
    assert {"谊集", "团公"} <= tokens("华谊（集团）公司")


def test_latin_words_are_kept_whole_and_mixed_ones_also_in_parts():
    assert tokens("Müller-Lüdenscheidt iPhone15") == {"mullerludenscheidt", "ludenscheidt", "iphone15", "15"}


@pytest.mark.parametrize("read", [tokens, number_tokens])
@pytest.mark.parametrize("text", ["buyer101@example.com", "a1-b2", "12a/34b", "123a.com", "00012a-x", "00012-x", "x-007", "q.e.d", "abc1d2"])
def test_what_begins_another_word_is_found_by_that_one_alone(read, text):
    """Each word and each part of one, as `leaf` looks for it: letters and more than two digits also as a beginning."""
    found = read(text)
    typed = {*re.findall("[0-9a-z]+", text), *re.findall("[0-9]+|[a-z]+", text)}
    if read is number_tokens:
        typed |= {one.lstrip("0") for one in typed if one.isdecimal()}
    for one in typed:
        begun = len(one) > (2 if one.isdecimal() else 1)
        assert any(token == one or (begun and token.startswith(one)) for token in found), one
    assert tokens("buyer101@example.com") == {"buyer101examplecom", "101", "example", "com"}


def test_a_number_is_kept_by_its_beginning_its_end_and_its_parts():
    assert number_tokens("SO-2026-00012") == {"=so202600012", "~210006202os", "so", "2026", "00012", "12"}


def test_a_phone_is_kept_by_its_beginning_and_its_end():
    assert phone_tokens("+86 138-1234-8000，021-5555") == {"8613812348000", "13812348000", "~0008432183168", "0215555", "~5555120"}


def test_letters_are_cut_into_syllables_in_every_way():
    assert set(syllables_typed("xian")) >= {("xian",), ("xi", "an")}
    assert ("hua", "wei", "ji", "sh") in syllables_typed("huaweijish")
    assert syllables_typed("hwjs") == ()


def test_what_was_typed_is_cut_into_runs_and_limited():
    assert query_terms("  华为(集团) Wi-Fi ") == ["华为集团", "wi", "fi"]
    assert len(query_terms(" ".join(map(str, range(50))))) == 8
    assert tsqueries("  -- ' \\ ") is None


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=40))
def test_any_text_can_be_indexed_and_searched(text):
    for found in (tokens(text), title_tokens(text), number_tokens(text), phone_tokens(text)):
        assert "" not in found
        assert all(len(token.encode()) < 2046 and "\0" not in token for token in found)
    assert isinstance(sort_key(text), str)
    tsqueries(text, ["see_cost"])
