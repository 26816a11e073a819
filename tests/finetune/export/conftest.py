import pytest
from tiny_llama import save_adapter, save_llama


@pytest.fixture(scope="session")
def llama(tmp_path_factory):
    return save_llama(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture(scope="session")
def adapter(tmp_path_factory, llama):
    return save_adapter(llama, tmp_path_factory.mktemp("run") / "adapter")
