"""What a site knows beforehand of its short fields: its people, wards and roles."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Colleague:
    """A row of the staff list; `role` and `ward` are empty where the list does not say. The repr names nobody."""

    name: str = field(repr=False)
    role: str = field(default="", repr=False)
    ward: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a colleague has a name")


@dataclass(frozen=True)
class Lists:
    """The lists of `scan_ingest.toml`, in their own spelling; any of them may be empty."""

    staff: tuple[Colleague, ...] = field(default=(), repr=False)
    wards: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.staff or self.wards or self.roles)

    def words(self) -> frozenset[str]:
        """Every word of every entry, as it is written."""
        entries = (*(text for person in self.staff for text in (person.name, person.role, person.ward)), *self.wards)
        return frozenset(word for entry in (*entries, *self.roles) for word in entry.split())

    def joined_with(self, others: "Lists") -> "Lists":
        """These and the others, each entry once; colleagues whose name is here already come from here alone."""
        names = {person.name.casefold() for person in self.staff}
        return Lists(
            self.staff + tuple(person for person in others.staff if person.name.casefold() not in names),
            tuple(dict.fromkeys(self.wards + others.wards)),
            tuple(dict.fromkeys(self.roles + others.roles)),
        )
