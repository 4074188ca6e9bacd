"""What is kept of a text, and what a page shows of it."""

import pytest

from guanxi.kernel.discussion.text import begins_with, excerpt, kept_mention, mentioned_in, shown, signs, with_names

HOSTILE = "<script>alert(1)</script> \"'& @[7|<b>Li</b>] https://x.example/?a=1&b=\"><img src=x onerror=1>"


def test_everything_typed_is_shown_as_text():
    assert shown(HOSTILE, {}) == (
        "&lt;script&gt;alert(1)&lt;/script&gt; &quot;&#x27;&amp; <span class=\"mention\">@&lt;b&gt;Li&lt;/b&gt;</span> "
        '<a href="https://x.example/?a=1&amp;b=" rel="noopener noreferrer nofollow" target="_blank">https://x.example/?a=1&amp;b=</a>'
        "&quot;&gt;&lt;img src=x onerror=1&gt;"
    )


def test_no_other_kind_of_address_becomes_a_link():
    for text in ("javascript:alert(1)", "data:text/html,x", "ftp://x.example", "//x.example", "mailto:a@b.example"):
        assert "<a" not in shown(text, {})


def test_a_sentence_s_end_is_no_part_of_an_address():
    assert shown("见 https://a.example/订单，谢谢。", {}).count("https://a.example/订单</a>，谢谢。") == 1
    assert ">https://a.example/x</a>)." in shown("(https://a.example/x).", {})


def test_a_mention_shows_the_name_of_today_and_is_marked_for_its_reader():
    body = f"请{kept_mention(7, '李敏')}看"
    assert shown(body, {7: "李小敏"}, 7) == '请<span class="mention me">@李小敏</span>看'
    assert with_names(body, {}) == "请@李敏看" and mentioned_in([body, "@[x|y]"]) == {7}


def test_a_name_cannot_break_out_of_its_mention():
    assert kept_mention(7, "A]|\nB") == "@[7|A   B]"


@pytest.mark.parametrize(
    ("body", "places"),
    [("请@李敏看", [1]), ("@Li and @Wang", [0, 8]), ("mail a@b.example", []), ("@[7|Li]", []), ("5 @ 3", []), ("（@li）", [1])],
)
def test_where_somebody_may_be_mentioned(body, places):
    assert [one.at for one in signs(body, 30)] == places


def test_a_latin_name_ends_where_the_word_ends():
    assert begins_with("Emma Reed, look", "emma reed") and not begins_with("Emma Reedy", "Emma Reed")
    assert begins_with("李敏请看", "李敏") and begins_with("Emma看", "Emma") and not begins_with("li@x.example", "li")


def test_the_beginning_of_a_long_text_stands_on_one_line():
    assert excerpt("a\n b", {}) == "a b"
    assert len(excerpt("字" * 500, {})) == 140
