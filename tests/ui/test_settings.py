from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ui.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without marrow.toml."""
    monkeypatch.chdir(tmp_path)


def test_the_settings_of_the_model_are_read(tmp_path, monkeypatch):
    (tmp_path / "marrow.toml").write_text('model = "openai:m"\nmodel_top_p = 0.9\nmodel_bits = 8\n')
    monkeypatch.setenv("MARROW_MODEL_BITS", "4")
    monkeypatch.setenv("MARROW_ADAPTER", "adapters/leukemia")
    settings = load_settings()
    assert (settings.model, settings.model_top_p, settings.model_bits) == ("openai:m", 0.9, 4)
    assert settings.adapter == "adapters/leukemia"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODEL_BITS", "5"),
        ("MODEL_BITS", "16"),
        ("MODEL_BITS", "few"),
        ("MODEL_TOP_P", "0"),
        ("MODEL_TOP_P", "1.1"),
        ("MODEL_TEMPERATURE", "-1"),
        ("MODEL_MAX_TOKENS", "0"),
        ("MODEL_FACTS_PER_CALL", "0"),
        ("MODEL_TIMEOUT_S", "0"),
        ("MODEL_FAILURES", "0"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_its_name(monkeypatch, name, value):
    monkeypatch.setenv(f"MARROW_{name}", value)
    with pytest.raises(ConfigError, match=name.lower()):
        load_settings()


def test_without_settings_answers_are_quoted():
    settings = Settings()
    assert settings.model == "quote" and settings.model_bits is None and settings.adapter is None
