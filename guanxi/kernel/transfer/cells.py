"""Texts in a spreadsheet that must not become formulas when somebody opens it."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def safe_text(text: str) -> str:
    """An apostrophe before a text that a spreadsheet would compute; the import takes it away again."""
    return f"'{text}" if text.startswith(DANGEROUS) else text
