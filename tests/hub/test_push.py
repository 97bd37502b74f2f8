"""Weights to a stand-in of the Hub and back: what arrives, what each refusal says, and that nothing is left half done."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

from core import hub, publishing
from core.hub_errors import Refused
from core.modality import get
from core.settings import settings
from core.uploads import InputError
from core.weights import CONFIG, WEIGHTS, WeightsError, load, read_config

ROOM = get("deterioration")
FOLDER = settings.weights / "deterioration"


@pytest.fixture
def push(standin):
    def run(repository: str = "user/deterioration", weights: Path = FOLDER, **options):
        return publishing.push(ROOM, repository, weights, **{"token": standin.token} | options)

    return run


@pytest.fixture
def reachable(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


def test_what_is_pushed_is_what_is_loaded(standin, push, reachable):
    done = push()
    assert done.sha256 == hashlib.sha256(standin.files(done.repository)[WEIGHTS]).hexdigest() == read_config(FOLDER).sha256
    assert {WEIGHTS, CONFIG, "metrics.json", "README.md", "golden.json"} <= set(standin.files(done.repository))
    card = standin.files(done.repository)["README.md"].decode()
    assert card.startswith("---\nlicense: odc-by\n")
    assert 'load("user/deterioration")' in card
    here, _ = load(FOLDER)
    for source in (done.repository, done.pinned):
        there, config = load(source)
        assert config == read_config(FOLDER)
        for key, value in there.state_dict().items():
            torch.testing.assert_close(value, here.state_dict()[key])


def test_one_commit_holds_everything_and_a_second_push_makes_none(standin, push):
    first, second = push(), push()
    assert len(standin.repositories["model", first.repository].commits) == 2  # the Hub's own, and ours
    assert (first.unchanged, second.unchanged) == (False, True)
    assert second.revision == first.revision
    assert standin.stored == len([path for path in first.files if path.endswith((".safetensors", ".png"))])


def test_a_pinned_revision_stays_what_it_was(standin, push, reachable, tmp_path):
    first = push()
    changed = tmp_path / "deterioration"
    shutil.copytree(FOLDER, changed)
    config = json.loads((changed / CONFIG).read_text()) | {"version": "9.9.9"}
    (changed / CONFIG).write_text(json.dumps(config))
    second = push(weights=changed)
    assert second.revision != first.revision
    assert read_config(first.pinned).version == read_config(FOLDER).version
    assert read_config(second.pinned).version == read_config(second.repository).version == "9.9.9"


def test_the_record_has_revision_and_hash_and_no_token(standin, push):
    done = push(private=True)
    assert done.private
    one, = hub.recorded("deterioration")
    assert (one["revision"], one["sha256"], one["repository"]) == (done.revision, done.sha256, done.repository)
    assert one["files"][WEIGHTS] == done.sha256
    assert standin.token not in (settings.runs / hub.RECORD).read_text()
    assert hub.recorded("ecg") == []


@pytest.mark.parametrize(("step", "fault", "says"), [
    ("create", 401, "refused the token"), ("create", 402, "storage is used up"), ("create", 403, "may not write"),
    ("preupload", 404, "knows no repository"), ("commit", 409, "changed"), ("commit", 412, "changed"),
    ("commit", 413, "as large"), ("batch", 403, "may not write"), ("commit", 400, "did not take it: fault 400"),
])
def test_each_refusal_is_a_sentence_and_publishes_nothing(standin, push, step, fault, says):
    standin.faults[step] = [fault] * 9
    with pytest.raises(Refused, match=says) as raised:
        push()
    assert raised.value.remedy
    assert "http" not in raised.value.message
    published = standin.repositories.get(("model", "user/deterioration"))
    assert published is None or len(published.commits) == 1
    assert hub.recorded() == []


def test_too_many_requests_say_how_long_to_wait(standin, push):
    standin.faults["commit"] = [429] * 9
    with pytest.raises(Refused, match="wait 37 s"):
        push()


@pytest.mark.parametrize(("repository", "says"), [("somebody/else", "may not write"), ("nobody/model", "knows no repository")])
def test_foreign_and_unknown_accounts_are_told_apart(push, repository, says):
    with pytest.raises(Refused, match=says):
        push(repository)


def test_a_wrong_or_missing_token_is_one_sentence_and_is_not_repeated(push, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(Refused, match="refused the token") as raised:
        push(token="hf_secret_of_somebody")
    assert "hf_secret" not in str(raised.value) + caplog.text
    with pytest.raises(Refused, match="No token"):
        push(token=None)


@pytest.mark.parametrize("step", ["create", "info", "preupload", "batch", "store", "commit", "lost"])
def test_a_dropped_connection_is_tried_again(standin, push, step):
    standin.faults[step] = [standin.drop]
    done = push()
    repository = standin.repositories["model", done.repository]
    assert len(repository.commits) == 2  # never twice, also where only the answer was lost
    assert repository.commits[-1][0] == done.revision
    assert set(done.files) <= set(repository.commits[-1][1])


def test_a_server_in_trouble_is_tried_again_too(standin, push):
    standin.faults["commit"] = [503, 500]
    assert push().revision == standin.repositories["model", "user/deterioration"].commits[-1][0]


def test_after_a_long_outage_a_push_sends_the_large_files_once(standin, push):
    standin.faults["commit"] = [standin.drop] * 9
    with pytest.raises(Refused, match="connection to the Hub broke"):
        push()
    assert len(standin.repositories["model", "user/deterioration"].commits) == 1
    sent = standin.stored
    standin.faults.clear()
    push()
    assert standin.stored == sent > 0


def test_another_models_repository_is_not_written_over(standin, push):
    push("user/mine")
    with pytest.raises(InputError, match="holds something else"):
        publishing.push(get("heart_failure"), "user/mine", token=standin.token)
    assert len(standin.repositories["model", "user/mine"].commits) == 2


@pytest.mark.parametrize("name", ["deterioration", "user/", "/x", "user/a b", "user/a--b", "user/../x", "user/" + "x" * 99,
                                  "a/b/c"])
def test_a_name_that_is_none_asks_nobody(standin, push, name):
    with pytest.raises(InputError, match="no name of a repository"):
        push(name)
    assert standin.asked == []


def test_weights_of_another_room_or_damaged_ones_stay_here(standin, push, tmp_path):
    with pytest.raises(InputError, match="no model of the room"):
        push(weights=settings.weights / "heart_failure")
    damaged = tmp_path / "damaged"
    shutil.copytree(FOLDER, damaged)
    with (damaged / WEIGHTS).open("ab") as file:
        file.write(b"x")
    with pytest.raises(WeightsError, match="SHA-256"):
        push(weights=damaged)
    assert standin.asked == []


def test_the_process_is_offline_again_after_a_push(standin, push):
    push()
    assert constants.HF_HUB_OFFLINE is True
    with pytest.raises(Refused):
        push(token="hf_wrong")
    assert constants.HF_HUB_OFFLINE is True


def test_a_tampered_download_and_one_without_hash_are_refused(standin, push, reachable):
    done = push()
    files = standin.repositories["model", done.repository].commits[-1][1]
    whole = files[WEIGHTS]
    files[WEIGHTS] = whole[:-1] + bytes([whole[-1] ^ 1])
    with pytest.raises(WeightsError, match="SHA-256"):
        load(done.repository)
    files[WEIGHTS] = whole
    config = json.loads(files[CONFIG]) | {"sha256": ""}
    standin.repositories["model", "user/bare"] = type(standin.repositories["model", done.repository])(
        commits=[("0" * 40, files | {CONFIG: json.dumps(config).encode()})])
    with pytest.raises(WeightsError, match="names the SHA-256"):
        load("user/bare")


def test_what_was_downloaded_once_is_found_without_a_network(standin, push, reachable, monkeypatch):
    done = push()
    load(done.pinned)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert load(done.pinned)[1].sha256 == done.sha256
    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE=0"):
        load("user/another")


def test_the_command_publishes_and_says_what_to_load(standin, tmp_path):
    env = os.environ | {"HF_ENDPOINT": standin.address, "HF_HUB_DISABLE_XET": "1", "HF_TOKEN": standin.token,
                        "HF_HOME": str(tmp_path / "home"), "CARDIOSCOPE_RUNS": str(tmp_path / "runs")}
    env.pop("HF_HUB_OFFLINE", None)
    command = [sys.executable, "-m", "core", "push", "deterioration", "user/cli"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=settings.weights.parent)
    assert done.returncode == 0, done.stderr
    revision = standin.repositories["model", "user/cli"].commits[-1][0]
    assert f'load("user/cli@{revision}")' in done.stdout
    assert read_config(FOLDER).sha256 in done.stdout
    refused = subprocess.run(command, env=env | {"HF_TOKEN": "hf_wrong"}, capture_output=True, text=True,
                             cwd=settings.weights.parent)
    assert refused.returncode == 2
    assert refused.stderr.strip().splitlines()[-1].startswith("core: The Hub refused the token")
    assert "hf_wrong" not in refused.stdout + refused.stderr
