"""Everybody sees the runs that they began."""

from guanxi.kernel.access.roles import every_role

every_role({"bulk.bulkrun": "view:own", "bulk.stop_run": "own"})
