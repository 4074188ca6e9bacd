"""Who sits there: the session and its person, asked at each request by questions that are compiled once."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from guanxi.kernel.database.known import known


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        found = _session(self.session_key or "")
        if not found:
            self._session_key = None
        return found[0] if found else None


@known
def _session(key: str) -> Any:
    return Session.objects.filter(session_key=key, expire_date__gt=Now())


class SignIn(AuthenticationBackend):
    def get_user(self, user_id: int) -> Any:
        found = _user(int(user_id))
        return found[0] if found and self.user_can_authenticate(found[0]) else None


@known
def _user(user_id: int) -> Any:
    return get_user_model()._default_manager.filter(pk=user_id)
