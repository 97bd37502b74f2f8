from core.contract import Input
from core.uploads import Upload


def examples():
    yield Input("Fast", (), {"rate": 140, "age": 30})
    yield Input("Slow, as a table", (Upload("slow.csv", b"pulse\n44\n"),))
