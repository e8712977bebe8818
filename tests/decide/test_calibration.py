"""Seconds per operation, kept whole or not at all, and only believed of this machine."""

import json

import pytest

import diffcompare as dc
from diffcompare.decide.calibration import calibration


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "diffcompare" / "calibration.json"


def test_measured_once_and_kept(cache):
    assert calibration() is None
    measured = dc.calibrate()
    assert calibration() == measured
    assert all(price >= 0 for price in vars(measured).values())
    assert measured.function > 0
    assert [path.name for path in cache.parent.iterdir()] == ["calibration.json"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"call": "x"}', '{"call": NaN}', "\x00"],
)
def test_what_is_not_a_calibration_is_none(cache, text):
    cache.parent.mkdir()
    cache.write_text(text)
    assert calibration() is None


@pytest.mark.parametrize(
    ("key", "value"), [("numpy", "0.1"), ("machine", "another"), ("add", -1), ("add", float("nan"))]
)
def test_of_another_machine_or_impossible(cache, key, value):
    dc.calibrate()
    record = json.loads(cache.read_text())
    cache.write_text(json.dumps(record | {key: value}))
    assert calibration() is None


def test_a_cache_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(dc.DiffcompareError, match="needs to be writable"):
        dc.calibrate()
