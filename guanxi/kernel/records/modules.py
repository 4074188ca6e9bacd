"""What a module is to Django: an application whose files with fixed names are found by themselves."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

FILES = ("roles", "operations", "reactions", "screens", "panels", "prints", "channels", "mailing", "checks")


class ModuleConfig(AppConfig):
    """Base of every module's AppConfig. `prepare_set` puts a set's basic archives in place, and may run again."""

    default_auto_field = "django.db.models.BigAutoField"
    default = False
    rooms: tuple[str, ...] = ()
    """Folders of the module in which files with these names are found as well."""
    more: tuple[str, ...] = ()
    """Other files that something is declared in."""

    def __init_subclass__(cls, **options) -> None:
        super().__init_subclass__(**options)
        cls.default = True

    def ready(self) -> None:
        for place in (self.name, *(f"{self.name}.{room}" for room in self.rooms)):
            for file in FILES:
                if find_spec(name := f"{place}.{file}"):
                    import_module(name)
        for file in self.more:
            import_module(f"{self.name}.{file}")

    def set_sql(self) -> list[str]:
        """Statements to run in each set after the migrations; each must be safe to run again."""
        return []

    def prepare_set(self, account_set) -> None:
        """Inside a new or just migrated set: create what the module cannot do without."""

    def quiet_sql(self) -> list[tuple[str, list]]:
        """Statements with their parameters, run in a copy of a set: end what would act outside by itself, and let nothing in unasked."""
        return []

    def leave_set(self, key: str) -> None:
        """After a set was dropped: remove what the module kept of it outside the database."""

    def finish_set(self, account_set) -> None:
        """The same, after every module has prepared."""
