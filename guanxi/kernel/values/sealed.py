"""Secrets that have to be used again: kept encrypted under a key derived from the installation's secret."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models


class Unreadable(ValueError):
    """Sealed under another installation's secret, or damaged."""


class SealedField(models.TextField):
    """What `seal` made. No column: never listed, shown, entered, exported or sent. Keep it on an untracked table, out of the history."""

    hidden_column = True

    def __init__(self, *args, **options):
        super().__init__(*args, **{**options, "editable": False})


def seal(text: str) -> str:
    return _cipher().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again; Unreadable when it was sealed elsewhere."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _cipher() -> Fernet:
    key: str = settings.GUANXI_SEALING_KEY
    return Fernet(base64.urlsafe_b64encode(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))))
