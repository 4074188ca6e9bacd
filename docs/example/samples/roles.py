"""Who lends samples."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

role("salesperson", _("Salesperson"), {"samples.sampleloan": "view:own add:own change:own", "samples.return_sample": "own"})
