"""The sentence of the index that carries a rule, as lab findings have theirs."""

import logging
from dataclasses import dataclass, field

from generator.citations import Quote
from generator.diet.exclusions.rulebook import Basis
from generator.quoting import Numbered, Quoted, Search
from generator.records import AnswerAudience
from ingest.errors import MarrowError

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Citations:
    """The numbered sentences that the rules of one plan rest on.

    A search that fails costs the citations only: what must not be eaten never waits for the sources.
    """

    search: Search | None
    audience: AnswerAudience = "patient"
    numbered: Numbered = field(default_factory=Numbered)
    index_version: str = ""
    failed: bool = False
    _answered: dict[str, Quoted] = field(default_factory=dict)

    def number(self, basis: Basis) -> int:
        """The number of the best sentence that carries a rule; 0 where none does, or the index cannot be searched."""
        try:
            quote = self._quote(basis)
        except MarrowError:
            logger.exception("the sources for a diet plan could not be searched")
            self.failed = True
            return 0
        return self.numbered.number(quote) if quote else 0

    def _quote(self, basis: Basis) -> Quote | None:
        if self.search is None or self.failed:
            return None
        if basis.query not in self._answered:
            self._answered[basis.query] = self.search(basis.query, self.audience)
            self.index_version = self._answered[basis.query].index_version
        for quote in self._answered[basis.query].quotes:
            if basis.named_in(quote.words) and not quote.item.document.meta.retracted:
                return quote
        return None
