"""Rules of signing in that differ from the library's defaults."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.http import HttpRequest
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """Django's rule, refused in words that are there in both languages."""

    def get_error_message(self) -> str:
        return _("The password is too short: it needs %(n)s characters at least.") % {"n": self.min_length}


class AccountAdapter(DefaultAccountAdapter):
    """People are added by an administrator, never by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_user_search_fields(self) -> list[str]:
        return ["username", "email"]


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of second factors are kept encrypted."""

    def _cipher(self) -> Fernet:
        key = settings.MFA_ENCRYPTION_KEY
        return Fernet(base64.urlsafe_b64encode(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))))

    def encrypt(self, text: str) -> str:
        return self._cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: Any) -> str:
        return str(user.get_username())
