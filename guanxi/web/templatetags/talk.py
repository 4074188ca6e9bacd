"""What people said, as it should look. `{% load talk %}`"""

from django import template
from django.utils.safestring import SafeString

from guanxi.kernel.discussion.text import excerpt, shown

register = template.Library()


@register.filter
def said(body: str, mode: str = "full") -> str | SafeString:
    """The text of a comment with the names that it holds itself, for tables and for pages that show one."""
    return excerpt(body, {}) if mode == "list" else shown(body, {})
