"""The count of sessions that all workers share."""

from __future__ import annotations

import os
import random
from collections import Counter

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.ledger import open_ledgers

SMALLEST, LARGEST = -(1 << 63), (1 << 63) - 1


class Counting(SynchronousTestCase):
    def test_one_worker_alone_counts_its_own(self) -> None:
        [ledger] = open_ledgers(1, 3)
        for key in (1, 2, 2):
            ledger.add(key)
        ledger.remove(2)
        self.assertEqual((ledger.total(), ledger.elsewhere(1), ledger.workers, ledger.room), (2, 0, 1, 3))

    def test_is_right_whatever_comes_and_goes(self) -> None:
        ledgers = open_ledgers(3, 200)
        have: list[Counter[int]] = [Counter() for _ in ledgers]
        dice = random.Random(4)
        keys = [SMALLEST, LARGEST, -1, 0, 1, *(dice.randint(SMALLEST, LARGEST) for _ in range(5))]
        for _ in range(3000):
            number, key = dice.randrange(3), dice.choice(keys)
            if have[number].total() < 60 and dice.random() < 0.6:
                ledgers[number].add(key)
                have[number][key] += 1
            elif have[number][key]:
                ledgers[number].remove(key)
                have[number][key] -= 1
            self.assertEqual(ledgers[number].total(), sum(each.total() for each in have))
            others = sum(each[key] for place, each in enumerate(have) if place != number)
            self.assertEqual(ledgers[number].elsewhere(key), others)

    def test_a_row_can_be_filled_to_the_last(self) -> None:
        first, second = open_ledgers(2, 3)
        for key in (7, 8, 7):
            first.add(key)
        self.assertEqual((second.elsewhere(7), second.elsewhere(8)), (2, 1))
        self.assertRaises(IndexError, first.add, 9)
        self.assertEqual(second.total(), 3)

    def test_what_a_dead_one_had_counts_no_more(self) -> None:
        first, second = open_ledgers(2, 3)
        first.add(7)
        second.add(7)
        first.clear()
        self.assertEqual((second.total(), second.elsewhere(7)), (1, 0))
        first.add(8)
        self.assertEqual((second.elsewhere(7), second.elsewhere(8)), (0, 1))


class Sharing(SynchronousTestCase):
    def test_is_among_processes(self) -> None:
        first, second = open_ledgers(2, 3)
        child = os.fork()
        if child == 0:
            second.add(hash("a token"))
            os._exit(0)
        os.waitpid(child, 0)
        self.assertEqual((first.total(), first.elsewhere(hash("a token"))), (1, 1))
