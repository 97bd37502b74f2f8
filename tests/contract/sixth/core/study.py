from dataclasses import dataclass, field

from core.assessment import Notice


@dataclass(frozen=True)
class PulseStudy:
    rate: float  # per minute
    age: float | None = None
    source: dict[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
