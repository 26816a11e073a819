"""The way to torch: `from ingest.torchfix import torch`, before anything imports torchvision.

PyPI's torchvision cannot load its compiled operators beside a CPU build of torch, and then EasyOCR and
transformers fail at import with "operator torchvision::nms does not exist". Declaring the two operators that
torchvision attaches Python code to is enough to import it; nothing here ever calls them. Where torchvision's
own operators load, or it is not installed, nothing is declared.
"""

import importlib.util
import logging
import warnings
from collections.abc import Callable
from pathlib import Path

import torch

__all__ = ["torch"]

_DETECTION = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def _operators_fail() -> bool:
    """Try what torchvision does at its import; a second loading of the same library changes nothing."""
    found = importlib.util.find_spec("torchvision")
    folders = found.submodule_search_locations if found else None
    libraries = [library for folder in folders or () for library in Path(folder).glob("_C.*")]
    load: Callable[[str], None] = torch.ops.load_library
    try:
        for library in libraries:
            load(str(library))
    except OSError:
        return True
    return False


# bitsandbytes, which peft imports where it is installed, misses a kernel that only 4 bits on a processor would use.
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
# What peft and transformers have to settle between them.
warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated")
# At import, against the house rule: it must have happened before torchvision is imported, by whomever.
if _operators_fail():
    for _name in ("nms", "qnms"):
        torch.library.define(f"torchvision::{_name}", _DETECTION)
