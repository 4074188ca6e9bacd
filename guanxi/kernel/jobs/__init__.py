"""Long work and schedules, done by the worker. See README.md."""

from guanxi.kernel.jobs.job import Job, job

__all__ = ["Job", "job"]
