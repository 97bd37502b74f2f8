"""XML of devices without what could do harm: the document type goes, and with it every entity, before anything is parsed.

GE MUSE names a document type in every file, some exports with entities of their own. None is looked up or expanded; a
reference to one leaves nothing behind.
"""

from __future__ import annotations

import codecs
import re
from xml.etree.ElementTree import Element, ParseError

import defusedxml
from defusedxml.ElementTree import fromstring

from core.uploads import InputError

_MOST_TAGS = 500_000  # a ten-minute recording with every beat annotated has a tenth of this
_DECLARED = re.compile(r"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})[\"'][^>]{0,100}\?>")
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)[\w.:-]{1,200};")
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)[\s>/]")


def plain(data: bytes) -> str:
    """The document as text, without declaration, document type and references to entities of its own."""
    text = _decoded(data)
    text = re.sub(r"^\s*<\?xml[^>]{0,400}\?>", "", text, count=1)
    start = text.find("<!DOCTYPE")
    if 0 <= start < 100_000:
        text = text[:start] + text[_end_of_type(text, start):]
    return _REFERENCE.sub("", text)


def root_name(text: str) -> str:
    """The name of the first element, without its namespace."""
    found = _ROOT.search(re.sub(r"<!--.*?-->", "", text[:20_000], flags=re.DOTALL))
    return found[1] if found else ""


def parsed(text: str) -> Element:
    """The root element; names without their namespaces.

    Raises:
        InputError: damaged, too many elements, or a document type that is hidden where none belongs.
    """
    if text.count("<") > _MOST_TAGS:
        raise InputError("files", "The XML file has too many elements for an ECG.", "Export one recording as HL7 aECG.")
    try:
        root = fromstring(text, forbid_dtd=True)
    except defusedxml.DefusedXmlException as error:
        raise InputError("files", "The XML file defines entities or a document type in a wrong place.",
                         "Export the recording as plain HL7 aECG.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise InputError("files", "The XML file is damaged.", "Export the recording as HL7 aECG again.") from error
    for element in root.iter():
        element.tag = str(element.tag).rsplit("}", 1)[-1]
    return root


def _decoded(data: bytes) -> str:
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark):].decode(name, "replace")
    declared = _DECLARED.match(data[:400].decode("latin-1"))
    for name in ([declared[1]] if declared else []) + ["utf-8"]:
        try:
            if codecs.lookup(name).name.startswith(("utf", "iso8859", "cp12", "ascii")):
                return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


def _end_of_type(text: str, start: int) -> int:
    """One past the end of a document type, whose quotes, comments and brackets may hold a ``>`` of their own."""
    position, depth = start + len("<!DOCTYPE"), 0
    while position < len(text):
        if text.startswith("<!--", position):
            position = text.find("-->", position) + 3
            if position < 3:
                break
            continue
        letter = text[position]
        if letter in "\"'":
            position = text.find(letter, position + 1)
            if position < 0:
                break
        elif letter in "[<":
            depth += 1
        elif letter == "]" or letter == ">" and depth:
            depth -= 1
        elif letter == ">":
            return position + 1
        position += 1
    return len(text)
