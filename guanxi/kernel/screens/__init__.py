"""What every kind of record looks like: lists, pages, forms, menus, from columns and a few names."""

from guanxi.kernel.screens.menu import menu_page
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.screens.screen import SCREENS, Lines, Screen, record_url, screen_of

__all__ = [
    "SCREENS", "Lines", "Panel", "Screen", "menu_page", "panel", "record_url", "screen_of",
]
