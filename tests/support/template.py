"""Run as a program: fill the template that every test database is cloned from."""

from __future__ import annotations

import django

django.setup()

from guanxi.config.people import join  # noqa: E402
from guanxi.config.prepare import close_owner, prepare  # noqa: E402
from guanxi.kernel.sets.lifecycle import create_set  # noqa: E402
from guanxi.kernel.sets.models import User  # noqa: E402
from tests.support.cluster import ADMIN_PASSWORD, SETS  # noqa: E402


def main() -> None:
    prepare()
    admin = User(username="admin", name="Admin", email="admin@example.com", language="en")
    admin.set_password(ADMIN_PASSWORD)
    admin.save()
    for key, name in SETS.items():
        create_set(key, name)
        join(admin, key, ["administrator"])
    close_owner()


if __name__ == "__main__":
    main()
