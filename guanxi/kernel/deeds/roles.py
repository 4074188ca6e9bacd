"""Everybody sees the runs that they began."""

from guanxi.kernel.access.roles import every_role

every_role({"deeds.bulkrun": "view:own", "deeds.stop_run": "own"})
