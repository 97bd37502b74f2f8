"""Run inside the copied house: what the test of the sixth room asks of it, answered as JSON."""

import json
import sys
from pathlib import Path


def weights() -> None:
    import torch
    from core.sixth.model import Neuron

    from core.weights import Architecture, Config, save

    neuron = Neuron(1, 1)
    with torch.no_grad():
        neuron.weight.fill_(8.0)
        neuron.bias.fill_(-8.0)
    save(Path("weights/sixth"), neuron, Config(
        name="sixth", version="0.1.0", architecture=Architecture(
            target="core.sixth.model:Neuron", arguments={"in_features": 1, "out_features": 1}),
        input={"pulse": "per minute"}, training_data="none, set by hand", licence="CC0-1.0", seed=0))


def programs() -> dict:
    from gradio_client import Client

    from core import api

    blocks = api.build()
    _, address, _ = blocks.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **api.presentation())
    client = Client(address, verbose=False)
    answer = {"endpoints": list(client.view_api(return_format="dict")["named_endpoints"]),
              "assessment": client.predict(rate=140, age=0, api_name="/assess_sixth"),
              "zero": client.predict(rate=0, api_name="/assess_sixth")}
    blocks.close()
    return answer


def pages() -> dict:
    from streamlit.testing.v1 import AppTest

    def text(app: AppTest) -> str:
        assert not app.exception, app.exception
        kinds = ("title", "markdown", "caption", "metric", "table", "dataframe", "header", "subheader", "text")
        return " ".join(str(getattr(one, "value", "")) + str(getattr(one, "label", "")) + str(getattr(one, "body", ""))
                        for kind in kinds for one in app.get(kind))

    room = AppTest.from_file(str(Path.cwd() / "pages/sixth/page.py"), default_timeout=120).run()
    room.selectbox[0].select("Fast").run()
    charts = " ".join(str(one.proto) for kind in ("plotly_chart", "arrow_data_frame", "table") for one in room.get(kind))
    return {"home": text(AppTest.from_file(str(Path.cwd() / "pages/home.py"), default_timeout=120).run()),
            "models": text(AppTest.from_file(str(Path.cwd() / "pages/models.py"), default_timeout=120).run()),
            "room": text(room) + charts, "case": str(room.session_state["case"]), "downloads": len(room.get("download_button"))}


def reports() -> dict:
    from core.export.fhir import diagnostic_report
    from core.export.pdf import case_pdf
    from core.modality import get

    room = get("sixth")
    example = next(iter(room.verb("examples")()))
    study = room.verb("read")(example.files, **example.fields)
    entry = room.verb("entry")(study, room.verb("assess")(study))
    report = diagnostic_report(entry)
    codes = [row["code"]["coding"][0]["code"] for row in report["contained"] if row["resourceType"] == "Observation"]
    return {"pdf": case_pdf([entry])[:4].decode(), "fhir": codes[-1]}


if __name__ == "__main__":
    answer = globals()[sys.argv[1]]()
    if answer is not None:
        print(json.dumps(answer, default=str))
