"""All files in one list, and the page of each."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.files.models import Attachment
from guanxi.kernel.screens.screen import Screen
from guanxi.kernel.search import searchable


class AttachmentScreen(Screen):
    model = Attachment
    path = "files"
    icon = "files"
    teaches = _("Drawings, contracts and photos, attached to the records they belong to; drop a file on any record's page.")
    menu = ("customers", 90)
    columns = ("preview", "name", "about", "kind", "size", "added_by", "added_at")
    filters = ("kind", "added_by", "added_at", "size")
    search = ("name", "description")
    default_sort = "-added_at"
    sorts = ("added_at",)
    subtitle = ("about",)
    sections = {_("File"): ("about", "description", "kind", "size", "number", "added_by", "added_at")}
    peek = ("about", "description", "kind", "size", "number", "added_by", "added_at")
    proposals = {"rename_file": lambda file, actor: {"name": file.name, "description": file.description}}
    operations = ("rename_file", "remove_file")
    hidden_operations = ("attach_file", "replace_file")
    may_create = False
    may_edit = False
    record_template = "files/record.html"
    value_templates = {"about": "files/about.html", "size": "files/size.html", "preview": "files/face.html"}


searchable(Attachment.label(), title="name", subtitle=("description",), names=("name", "description"), texts=("content__text",))
