"""A text kept in several languages."""

from django.conf import settings
from django.utils.translation import get_language


class Translated(dict):
    """{"en": …, "zh-hans": …}; as a string, the active language's text, else whatever there is."""

    def __str__(self) -> str:
        return self.in_language(get_language() or settings.LANGUAGE_CODE)

    def in_language(self, language: str) -> str:
        return self.get(language) or self.get(settings.LANGUAGE_CODE) or next((t for t in self.values() if t), "")

    def __lt__(self, other) -> bool:
        return str(self) < str(other)

    @classmethod
    def of(cls, value) -> "Translated":
        """From a mapping, from a lazy gettext string (all languages), or from plain text (the active language)."""
        if isinstance(value, dict):
            return cls({k: str(v).strip() for k, v in value.items() if str(v).strip()})
        if type(value) is str:
            return cls({get_language() or settings.LANGUAGE_CODE: value.strip()}) if value.strip() else cls()
        return cls.from_gettext(value)

    @classmethod
    def from_gettext(cls, lazy) -> "Translated":
        from django.utils.translation import override

        texts = {}
        for language, _name in settings.LANGUAGES:
            with override(language):
                texts[language] = str(lazy)
        return cls(texts)


def language_of_name(name: str) -> str:
    """Chinese for a name with a Chinese character in it, English for any other."""
    return "zh-hans" if any("\u3400" <= letter <= "\u9fff" or letter >= "\U00020000" for letter in name) else "en"
