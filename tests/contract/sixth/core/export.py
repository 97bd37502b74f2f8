from core.export.entry import CaseEntry
from core.sixth import ROOM


def entry(study, assessment, language="en"):
    return CaseEntry(ROOM, assessment, details=study.source)
