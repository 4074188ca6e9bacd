"""Settings and fixtures of every test, wherever it stands in the tree."""

import django

from tests.support import place

place.announce()
django.setup()

pytest_plugins = ["tests.support.database", "tests.support.server", "tests.support.browser", "tests.support.mailbox"]
