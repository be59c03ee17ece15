"""Bounds on money and requests, checked before each request."""

import asyncio
import math
from collections import Counter
from collections.abc import Mapping

from descan.errors import DescanError
from descan.records import Mode

Price = tuple[str, Mode]
"""A model's name in the corpus and a mode: such answers cost about the same."""


class BudgetReached(DescanError):  # noqa: N818 (not an error: the run did what it was told)
    """The next request could exceed a bound; the message names the option."""


class Budget:
    """Counts what was spent and what is in flight, and says when no more may be sent.

    A request in flight counts with the highest cost so far of such an answer. Until the first such answer has come
    back, its cost is a guess, and only one is in flight.
    """

    def __init__(
        self, max_cost: float | None, max_requests: int | None, expected: Mapping[Price, float | None]
    ) -> None:
        """Start with nothing spent.

        Args:
            max_cost: US dollars, or None.
            max_requests: Requests, or None.
            expected: What an answer is expected to cost.
        """
        self._max_cost = math.inf if max_cost is None else max_cost
        self._max_requests = math.inf if max_requests is None else max_requests
        self._highest = {price: cost or 0.0 for price, cost in expected.items()}
        self._seen: set[Price] = set()
        self._in_flight: Counter[Price] = Counter()
        self._changed = asyncio.Event()
        self.spent_usd = 0.0
        self.n_requests = 0

    def count_request(self) -> None:
        """Count a request that is about to be sent.

        Raises:
            BudgetReached: If it would be one too many.
        """
        if self.n_requests >= self._max_requests:
            raise BudgetReached(f"--max-requests {self._max_requests} is reached")
        self.n_requests += 1

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
