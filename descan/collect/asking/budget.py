"""Bounds on money and requests, checked before each request."""

import asyncio
import math
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from descan.errors import DescanError

Price = tuple[str, str]
"""A model's name in the corpus and the label of a prompt: such answers cost about the same."""


class BudgetReached(DescanError):  # noqa: N818 (not an error: the run did what it was told)
    """The next request could exceed a bound; the message names the option."""


class ShareUsed(BudgetReached):
    """A model has sent its share of the requests; others may go on."""


class Budget:
    """Counts what was spent and what is in flight, and says when no more may be sent.

    A request in flight counts with the highest cost so far of such an answer. Until the first such answer has come
    back, its cost is a guess, and only one is in flight.
    """

    def __init__(
        self,
        max_cost: float | None,
        max_requests: int | None,
        expected: Mapping[Price, float | None],
        needs: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """Start with nothing spent.

        Args:
            max_cost: US dollars, or None.
            max_requests: Requests, or None.
            expected: What an answer is expected to cost.
            needs: By model's name in the corpus: the requests that it needs at most, by which they are shared.
        """
        self._max_cost = math.inf if max_cost is None else max_cost
        self._max_requests = math.inf if max_requests is None else max_requests
        self._highest = {price: cost or 0.0 for price, cost in expected.items()}
        self._seen: set[Price] = set()
        self._in_flight: Counter[Price] = Counter()
        self._changed = asyncio.Event()
        self._shares = None if max_requests is None else Counter(divide_fairly(max_requests, needs))
        self._n_free = 0
        self.spent_usd = 0.0
        self.n_requests = 0

    def count_request(self, name: str) -> None:
        """Count a request that is about to be sent to a model, by its name in the corpus.

        Raises:
            ShareUsed: If the model would send more than its share, and no other has left anything of its own.
        """
        if self._shares is not None:
            if self._shares[name]:
                self._shares[name] -= 1
            elif self._n_free:
                self._n_free -= 1
            else:
                raise ShareUsed(f"--max-requests {self._max_requests} is reached")
        self.n_requests += 1

    def release(self, name: str) -> None:
        """Leave what a model has not used of its share to the others; it sends no more."""
        if self._shares is not None:
            self._n_free += self._shares.pop(name, 0)

    async def reserve(self, price: Price) -> None:
        """Wait until an answer can be paid for, and set its money aside.

        Raises:
            BudgetReached: If it could exceed the bound although nothing else is in flight.
        """
        while not self._can_pay(price):
            if not self._in_flight.total():
                raise BudgetReached(f"--max-cost {self._max_cost:g} is reached: {self.spent_usd:.4f} USD are spent")
            await self._changed.wait()
        self._in_flight[price] += 1

    def set_aside(self, price: Price) -> None:
        """Count an answer that comes after this run, at its expected cost.

        Raises:
            BudgetReached: If it would exceed the bound.
        """
        if self.spent_usd + self._highest[price] > self._max_cost:
            raise BudgetReached(f"--max-cost {self._max_cost:g} is reached: {self.spent_usd:.4f} USD are set aside")
        self.spent_usd += self._highest[price]

    def settle(self, price: Price, cost_usd: float | None) -> None:
        """Replace what was reserved by what the answer cost.

        Args:
            price: As reserved.
            cost_usd: None if unknown; then the highest cost counts. 0 if nothing came back.
        """
        cost = self._highest[price] if cost_usd is None else cost_usd
        self.spent_usd += cost
        self._in_flight[price] -= 1
        if cost > 0:
            self._highest[price] = max(cost, self._highest[price] if price in self._seen else 0.0)
            self._seen.add(price)
        self._changed.set()
        self._changed = asyncio.Event()

    def _can_pay(self, price: Price) -> bool:
        if self._max_cost == math.inf:
            return True
        if price not in self._seen and self._in_flight[price]:
            return False
        reserved = sum(n * self._highest[kind] for kind, n in self._in_flight.items())
        return self.spent_usd + reserved + self._highest[price] <= self._max_cost


def divide_fairly(n_all: int, needs: Mapping[str, int]) -> dict[str, int]:
    """Divide requests among models: each gets as many as any other, but none more than it needs.

    What all that need more cannot share evenly goes to the first of them.
    """
    shares = dict.fromkeys(needs, 0)
    while n_all and (open_names := [name for name, need in needs.items() if shares[name] < need]):
        each, rest = divmod(n_all, len(open_names))
        for place, name in enumerate(open_names):
            given = min(each + (place < rest), needs[name] - shares[name])
            shares[name] += given
            n_all -= given
    return shares
