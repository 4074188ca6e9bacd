"""Search that knows Chinese: by characters, by sound, by initials, by the end of a number; only over what one may see."""

from guanxi.kernel.search.queries import Hit, find, found_in
from guanxi.kernel.search.reading import pinyin, sort_key
from guanxi.kernel.search.registry import searchable
from guanxi.kernel.search.text import digits_tail

__all__ = ["Hit", "digits_tail", "find", "found_in", "pinyin", "searchable", "sort_key"]
