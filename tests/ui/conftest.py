from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from ui_fakes import FakeService

from ui.app import build_app


@pytest.fixture
def service(tmp_path: Path) -> FakeService:
    return FakeService(tmp_path)


@pytest.fixture
def client(service: FakeService) -> Iterator[TestClient]:
    with TestClient(build_app(service), base_url="http://localhost:8000", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("MARROW_HOME", str(folder))
    return folder
