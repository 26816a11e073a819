import importlib.util
import subprocess
import sys

import pytest


def run(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


def test_it_gives_torch_and_may_be_imported_again():
    assert (
        run("from ingest.torchfix import torch; import ingest.torchfix; print(torch.ones(2).sum().item())") == "2.0\n"
    )


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("torchvision") is None, reason="torchvision is not installed")
def test_torchvision_can_be_imported_after_it():
    packages = [name for name in ("torchvision", "easyocr", "transformers") if importlib.util.find_spec(name)]
    assert run(f"from ingest.torchfix import torch; import {', '.join(packages)}; print('imported')") == "imported\n"


def test_without_torchvision_it_declares_nothing():
    script = """
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "torchvision" else find(name, *rest)
from ingest.torchfix import torch
print(hasattr(torch.ops.torchvision, "nms"))
"""
    assert run(script) == "False\n"
