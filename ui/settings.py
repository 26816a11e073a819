"""Settings from the environment (MARROW_…) and marrow.toml; the only reader of either."""

import os
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ingest.errors import ConfigError

CHECKOUT = Path(__file__).resolve().parent.parent
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


def bound_kernel_cache() -> None:
    """Keep few of the kernels compiled for each shape of a batch, before torch first computes; a set value stays.

    Questions come in all shapes, and both oneDNN and, for each thread, torch's layer above it keep 1,024 kernels by
    default: the server grew by two gigabytes over a thousand questions. Few are as fast.
    Source: https://uxlfoundation.github.io/oneDNN/dev_guide_primitive_cache.html; ideep's lru_cache.hpp, by which
    torch calls oneDNN (https://github.com/intel/ideep).
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
    os.environ.setdefault("LRU_CACHE_CAPACITY", "16")


class Settings(BaseSettings):
    """Everything that can be set. Unknown keys in marrow.toml are refused."""

    model_config = SettingsConfigDict(env_prefix="MARROW_", toml_file="marrow.toml", extra="forbid", frozen=True)

    home: Path = CHECKOUT / "indexes"
    database_url: str | None = None
    embedder: str = "marrow-minilm"
    reranker: str = "late-interaction"
    model: str = "quote"
    adapter: str | None = None
    model_bits: int | None = Field(default=None, ge=4, le=8, multiple_of=4)
    model_device: str = "auto"
    model_url: str | None = None
    model_key: SecretStr | None = None
    model_max_tokens: int = Field(default=300, ge=1)
    model_window_tokens: int | None = Field(default=None, ge=1)
    model_facts_per_call: int | None = Field(default=None, ge=1)
    model_temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    model_top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    model_seed: int = Field(default=0, ge=0)
    model_timeout_s: float = Field(default=60.0, gt=0.0)
    model_connect_timeout_s: float = Field(default=5.0, gt=0.0)
    model_retries: int = Field(default=2, ge=0)
    model_failures: int = Field(default=3, ge=1)
    model_pause_s: float = Field(default=30.0, ge=0.0)
    ncbi_email: str | None = None
    ncbi_api_key: SecretStr | None = None
    ncbi_url: str | None = None
    ocr: Literal["rapidocr", "easyocr"] = "rapidocr"
    lab_second_reader: Literal["auto", "easyocr", "none"] = "auto"
    host: str = "127.0.0.1"
    port: int = 8000

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over marrow.toml."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @cached_property
    def catalog_url(self) -> str:
        """The SQLAlchemy address of the catalog."""
        return self.database_url or f"sqlite:///{self.home / 'catalog.db'}"


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        ConfigError: naming the setting that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"the setting {name} cannot be used: {first['msg']}") from error
    except ValueError as error:
        raise ConfigError(f"marrow.toml cannot be read: {error}") from error
